import { expect, test } from 'vitest'
import { matches } from './matches'

test('the beginnings of words find a command, in any order', () => {
  expect(matches('Theme: Dark', 'dark')).toBe(true)
  expect(matches('Theme: Dark', 'da the')).toBe(true)
  expect(matches('Theme: Dark', 'ark')).toBe(false)
  expect(matches('Theme: Dark', 'dark birds')).toBe(false)
})

test('marks and capitals do not count', () => {
  expect(matches('Sposta nella città', 'CITTA')).toBe(true)
  expect(matches('Togli dall’archivio', 'archivio')).toBe(true)
})

test('no words are in every text', () => {
  expect(matches('New chat', ' ')).toBe(true)
})
