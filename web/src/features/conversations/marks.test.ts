import { afterEach, beforeEach, expect, test } from 'vitest'
import { forgetMarks, lookAt, markUnread, openMarks, useUnread } from './marks'

const unread = () => [...useUnread.getState().unread]
const key = 'colloquy.unread.1'

/** What another tab of this browser writes. */
function elsewhere(ids: number[]) {
  localStorage.setItem(key, JSON.stringify(ids))
  dispatchEvent(new StorageEvent('storage', { key, newValue: JSON.stringify(ids) }))
}

beforeEach(() => openMarks(1))

afterEach(() => {
  forgetMarks()
  localStorage.clear()
})

/** The same as after a reload: nothing is left but what is kept. */
function reload(person = 1) {
  const held = { ...localStorage }
  forgetMarks()
  for (const [name, value] of Object.entries(held)) localStorage.setItem(name, value)
  openMarks(person)
}

test('what is unread is so after a reload, for this person alone', () => {
  markUnread(7)
  markUnread(8)
  reload()
  expect(unread()).toEqual([7, 8])
  reload(2)
  expect(unread()).toEqual([])
  reload(1)
  expect(unread()).toEqual([7, 8])
})

test('what is looked at is read, and stays so', () => {
  markUnread(7)
  const lookAway = lookAt(7)
  markUnread(7)
  expect(unread()).toEqual([])
  lookAway()
  markUnread(7)
  expect(unread()).toEqual([7])
  reload()
  expect(unread()).toEqual([7])
})

test('what is read or marked in another tab is so here', () => {
  markUnread(7)
  elsewhere([7, 8])
  expect(unread()).toEqual([7, 8])
  elsewhere([8])
  expect(unread()).toEqual([8])
})

test('another tab that marks what is looked at here is told that it is read', () => {
  const lookAway = lookAt(7)
  elsewhere([7, 8])
  expect(unread()).toEqual([8])
  expect(localStorage.getItem(key)).toBe('[8]')
  lookAway()
})

test('a mark that another tab has just written is not lost', () => {
  localStorage.setItem(key, '[5]')
  markUnread(7)
  expect(localStorage.getItem(key)).toBe('[5,7]')
})

test('what cannot be read counts as nothing, and nobody who signs out leaves any', () => {
  localStorage.setItem(key, '{broken')
  markUnread(7)
  expect(unread()).toEqual([7])
  forgetMarks()
  expect(unread()).toEqual([])
  expect(localStorage.getItem(key)).toBeNull()
})
