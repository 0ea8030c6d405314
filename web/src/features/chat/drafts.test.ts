import { beforeEach, expect, test, vi } from 'vitest'
import { arrived, changeDraft, draftOf, forgetDrafts, openDrafts, putBack, takeOut } from './drafts'

beforeEach(() => {
  forgetDrafts()
  openDrafts(1)
})

/** As if the page were loaded again. */
function reload() {
  dispatchEvent(new Event('pagehide'))
  openDrafts(2)
  openDrafts(1)
}

test('each conversation has its own draft, and a reload keeps them', () => {
  changeDraft(5, { text: 'five' })
  changeDraft('new', { text: 'fresh' })
  reload()
  expect(draftOf(5).text).toBe('five')
  expect(draftOf('new').text).toBe('fresh')
  expect(draftOf(6).text).toBe('')
})

test('typing is written after a pause', () => {
  vi.useFakeTimers()
  changeDraft(5, { text: 'a' })
  expect(localStorage.length).toBe(0)
  vi.advanceTimersByTime(300)
  expect(localStorage.getItem('colloquy.draft.1.5')).toContain('"a"')
  vi.useRealTimers()
})

test('a message that has arrived leaves nothing behind', () => {
  changeDraft(5, { text: 'hello' })
  takeOut(5, 'hello', 'hello')
  expect(draftOf(5).text).toBe('')
  arrived(5)
  reload()
  expect(localStorage.length).toBe(0)
})

test('a message that was on its way is back after a reload, under the same key', () => {
  const key = takeOut(5, 'hello', 'hello')
  reload()
  expect(draftOf(5).text).toBe('hello')
  expect(takeOut(5, 'hello', 'hello')).toBe(key)
})

test('a changed text gets a new key', () => {
  const key = takeOut(5, 'hello', 'hello')
  expect(takeOut(5, 'hello there', 'hello there')).not.toBe(key)
})

test('what could not be sent comes before what was typed since', () => {
  takeOut(5, 'first', 'first')
  changeDraft(5, { text: 'second' })
  putBack(5, 'first')
  expect(draftOf(5).text).toBe('first\n\nsecond')
})

test('another person sees none of it, and signing out removes it', () => {
  changeDraft(5, { text: 'mine' }, true)
  openDrafts(2)
  expect(draftOf(5).text).toBe('')
  openDrafts(1)
  expect(draftOf(5).text).toBe('mine')
  forgetDrafts()
  expect(localStorage.length).toBe(0)
})
