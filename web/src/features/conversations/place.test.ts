import { expect, test } from 'vitest'
import { type Page, placed, without } from './place'
import { talk } from './test-talk'

const one = (id: number, second: number) =>
  talk({ id, title: `${id}`, last_activity_at: `2026-01-01T00:00:0${second}.000Z` })

const list = (next: string | null) => {
  const pages: Page[] = [
    { items: [one(4, 8), one(3, 6)], next: 'x' },
    { items: [one(2, 4), one(1, 2)], next },
  ]
  return { pages, pageParams: [null, 'x'] }
}
const ids = ({ pages }: { pages: Page[] }) => pages.map(({ items }) => items.map(({ id }) => id))

test('what was said last stands first, and each conversation once', () => {
  expect(ids(placed(list(null), one(5, 9)))).toEqual([
    [5, 4, 3],
    [2, 1],
  ])
  expect(ids(placed(list(null), one(1, 9)))).toEqual([[1, 4, 3], [2]])
  expect(ids(placed(list(null), one(3, 6)))).toEqual([[4], [3, 2, 1]])
  expect(ids(placed(list(null), one(9, 4)))).toEqual([
    [4, 3],
    [9, 2, 1],
  ])
})

test('what changed is shown as it is now', () => {
  const changed = { ...one(2, 4), title: 'other' }
  const { pages } = placed(list(null), changed)
  expect(pages.flatMap(({ items }) => items)).toContainEqual(changed)
})

test('the oldest stands last, or on a page that is not read yet', () => {
  expect(ids(placed(list(null), one(9, 1)))).toEqual([
    [4, 3],
    [2, 1, 9],
  ])
  expect(ids(placed(list('y'), one(9, 1)))).toEqual([
    [4, 3],
    [2, 1],
  ])
})

test('an empty list takes its first conversation', () => {
  expect(ids(placed({ pages: [{ items: [], next: null }], pageParams: [null] }, one(1, 1)))).toEqual([[1]])
})

test('what is gone is gone', () => {
  expect(ids(without(list(null), 4))).toEqual([[3], [2, 1]])
})
