import { expect, test } from 'vitest'
import { isNear, isOver, partOf, resetDay } from './stand'

const month = (used: number, limit: number) => ({ used, limit, resetsAt: '2026-12-01T00:00:00.000Z' })

test('a month is worth a word from four fifths on', () => {
  expect([0, 15, 16, 20, 25].map((used) => isNear(month(used, 20)))).toEqual([false, false, true, true, true])
  expect(partOf(month(5, 20))).toBe(0.25)
  // After a smaller plan more may be used than there is.
  expect(partOf(month(30, 20))).toBe(1)
})

test('a month is over at its last moment, and its day is told as it is counted, in UTC', () => {
  const at = Date.parse('2026-12-01T00:00:00Z')
  expect([isOver(month(1, 1), at - 1), isOver(month(1, 1), at)]).toEqual([false, true])
  expect(resetDay('2026-12-01T00:00:00.000Z')).toMatch(/^(1 December|December 1)$/)
})
