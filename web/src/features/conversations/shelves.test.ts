import { expect, test } from 'vitest'
import type { Page } from './place'
import { belongs, shelved } from './shelves'
import { talk } from './test-talk'

const ids = ({ pages }: { pages: Page[] }) => pages.map(({ items }) => items.map(({ id }) => id))
const list = (next: string | null) => ({
  pages: [
    { items: [talk({ id: 4 }), talk({ id: 3 })], next: 'x' },
    { items: [talk({ id: 2 }), talk({ id: 1 })], next },
  ],
  pageParams: [null, 'x'],
})

test('a conversation stands in every list that it belongs to', () => {
  const shelves = ['list', 'favorites', 'archive', 'trash', 7, 8] as const
  const where = (change: Parameters<typeof talk>[0]) => shelves.filter((shelf) => belongs(shelf, talk(change)))
  expect(where({})).toEqual(['list'])
  expect(where({ favorite: true, group_id: 7 })).toEqual(['list', 'favorites', 7])
  expect(where({ favorite: true, group_id: 7, archived: true })).toEqual(['archive'])
})

test('what has not moved stays where it is, also as the last one that was read', () => {
  expect(ids(shelved(list('y'), 'list', talk({ id: 1, favorite: true })))).toEqual([
    [4, 3],
    [2, 1],
  ])
})

test('what belongs elsewhere leaves, what is new here comes', () => {
  expect(ids(shelved(list(null), 'list', talk({ id: 3, archived: true })))).toEqual([[4], [2, 1]])
  expect(ids(shelved(list(null), 'list', talk({ id: 5 })))).toEqual([
    [5, 4, 3],
    [2, 1],
  ])
  const same = list(null)
  expect(shelved(same, 7, talk({ id: 9 }))).toBe(same)
})
