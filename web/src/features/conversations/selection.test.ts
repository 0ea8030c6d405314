import { afterEach, expect, test } from 'vitest'
import { beginSelecting, choose, chooseAll, endSelecting, useSelection } from './selection'

const rows = [{ key: 'favorites:3', id: 3 }, ...[5, 4, 3, 2, 1].map((id) => ({ key: `day:${id}`, id }))]
const row = (key: string) => rows.find((one) => one.key === key) ?? { key, id: 0 }
const chosen = () => [...useSelection.getState().ids].sort()

afterEach(endSelecting)

test('one is selected, and no longer', () => {
  beginSelecting()
  choose(row('day:4'))
  expect(chosen()).toEqual([4])
  choose(row('day:4'))
  expect(chosen()).toEqual([])
})

test('a range goes from the row before to this one, in either direction', () => {
  beginSelecting()
  choose(row('day:4'))
  choose(row('day:2'), rows)
  expect(chosen()).toEqual([2, 3, 4])
  choose(row('day:5'), rows)
  expect(chosen()).toEqual([2, 3, 4, 5])
})

test('a range takes out what it ends with', () => {
  beginSelecting()
  chooseAll(rows)
  choose(row('day:2'))
  choose(row('day:4'), rows)
  expect(chosen()).toEqual([1, 5])
})

test('without a row before, a range is that one', () => {
  beginSelecting(2)
  choose(row('day:4'), rows)
  expect(chosen()).toEqual([2, 4])
})

test('all, and none', () => {
  beginSelecting(4)
  chooseAll(rows)
  expect(chosen()).toEqual([1, 2, 3, 4, 5])
  chooseAll(rows)
  expect(chosen()).toEqual([])
})
