import { beforeEach, expect, test, vi } from 'vitest'
import type { DraftFile } from '../files/types'
import {
  arrived,
  asDraft,
  changeDraft,
  chatPath,
  type Draft,
  draftOf,
  editOf,
  forgetDrafts,
  keepEdit,
  moveNewDraft,
  openDrafts,
  type Place,
  putBack,
  queuedWith,
  takeOut,
  type Written,
} from './drafts'

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

test('typing is written a few times a second, also while it goes on', () => {
  vi.useFakeTimers()
  changeDraft(5, { text: 'a' })
  expect(localStorage.length).toBe(0)
  vi.advanceTimersByTime(200)
  changeDraft(5, { text: 'ab' })
  vi.advanceTimersByTime(100)
  expect(localStorage.getItem('colloquy.draft.1.5')).toContain('"ab"')
  changeDraft(5, { text: 'abc' })
  vi.advanceTimersByTime(300)
  expect(localStorage.getItem('colloquy.draft.1.5')).toContain('"abc"')
  vi.useRealTimers()
})

const written = (message: string, model?: string): Written => ({
  path: chatPath,
  body: model ? { message, model } : { message },
  replaced: null,
})

test('a message that has arrived leaves nothing behind', () => {
  const { key } = takeOut(5, written('hello'))
  arrived(5, 'another')
  expect(draftOf(5).outgoing?.key).toBe(key)
  arrived(5, key)
  reload()
  expect(localStorage.length).toBe(0)
})

test('a message that was on its way is back after a reload, under the same key', () => {
  const { key } = takeOut(5, written('hello'))
  reload()
  reload()
  expect(draftOf(5).text).toBe('hello')
  expect(takeOut(5, written('hello')).key).toBe(key)
})

test('after a reload what was on its way comes before what was queued and what was typed', () => {
  takeOut(5, written('first'))
  changeDraft(5, { queued: queuedWith(null, 'second'), text: 'third' })
  takeOut(6, written('first'))
  changeDraft(6, { text: 'third' })
  changeDraft(7, { queued: queuedWith(null, 'second'), text: 'third' })
  reload()
  expect(draftOf(5)).toMatchObject({ text: 'first\n\nsecond\n\nthird', queued: null, outgoing: null })
  expect(draftOf(6).text).toBe('first\n\nthird')
  expect(draftOf(7)).toMatchObject({ text: 'third', queued: { text: 'second' } })
})

test('a changed text gets a new key', () => {
  const { key } = takeOut(5, written('hello'))
  expect(takeOut(5, written('hello there')).key).not.toBe(key)
})

test.each([
  ['sonata', undefined],
  [undefined, 'sonata'],
])('a model that is not known yet makes no other request: %s, then %s', (before, after) => {
  const sent = takeOut('new', written('hello', before))
  reload()
  expect(takeOut('new', written('hello', after))).toEqual(sent)
})

test('another model is another request', () => {
  const { key } = takeOut('new', written('hello', 'sonata'))
  const again = takeOut('new', written('hello', 'opera'))
  expect(again.key).not.toBe(key)
  expect(again.body.model).toBe('opera')
})

test('an edit that was on its way is sent again as the edit that it was', () => {
  const sent = takeOut(5, { path: '/api/v1/messages/3/edit', body: { message: 'better' }, replaced: 3 })
  reload()
  expect(draftOf(5).text).toBe('better')
  expect(takeOut(5, written('better'))).toEqual(sent)
})

test('what could not be sent comes before what was typed since', () => {
  takeOut(5, written('first'))
  changeDraft(5, { text: 'second' })
  putBack(5, 'first')
  expect(draftOf(5).text).toBe('first\n\nsecond')
  reload()
  expect(draftOf(5).text).toBe('first\n\nsecond')
})

test('a follow-up that grows has a key for each of its texts', () => {
  const one = queuedWith(null, 'one')
  const two = queuedWith(one, 'two')
  expect(two.text).toBe('one\n\ntwo')
  expect(two.key).not.toBe(one.key)
})

test('a full storage stops nothing, and what found no room is written later', () => {
  const full = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError')
  })
  expect(takeOut(5, written('hello')).key).toMatch(/^[0-9a-f]{32}$/)
  expect(draftOf(5).outgoing?.body.message).toBe('hello')
  full.mockRestore()
  changeDraft(6, { text: 'x' }, true)
  expect(localStorage.getItem('colloquy.draft.1.5')).toContain('hello')
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

/** As another tab does it. */
function elsewhere(place: Place, change: Partial<Draft>) {
  const name = `colloquy.draft.1.${place}`
  localStorage.setItem(name, JSON.stringify({ ...JSON.parse(localStorage.getItem(name) ?? '{}'), ...change }))
  dispatchEvent(new StorageEvent('storage', { key: name }))
}

test('a field follows what is typed in another tab, and what is sent there leaves it', () => {
  changeDraft(5, { text: 'hel' }, true)
  elsewhere(5, { text: 'hello' })
  expect(draftOf(5).text).toBe('hello')
  localStorage.removeItem('colloquy.draft.1.5')
  dispatchEvent(new StorageEvent('storage', { key: 'colloquy.draft.1.5' }))
  expect(draftOf(5).text).toBe('')
  elsewhere(6, { text: 'not here' })
  expect(draftOf(5).text).toBe('')
})

test('what is being typed here stays, and only that is written', () => {
  const queued = queuedWith(null, 'and then')
  changeDraft(5, { queued }, true)
  changeDraft(5, { text: 'typing' })
  elsewhere(5, { text: 'other', queued: null })
  expect(draftOf(5)).toMatchObject({ text: 'typing', queued: null })
  changeDraft(5, { text: 'typing on' }, true)
  expect(JSON.parse(localStorage.getItem('colloquy.draft.1.5') ?? '')).toMatchObject({
    text: 'typing on',
    queued: null,
  })
})

test('what is sent in one tab is not undone by what another one writes', () => {
  const queued = queuedWith(null, 'next')
  changeDraft(5, { text: 'hello', queued }, true)
  const name = 'colloquy.draft.1.5'
  // The other tab has sent it, and this one has not been told yet.
  localStorage.setItem(name, JSON.stringify({ text: '', queued }))
  changeDraft(5, { queued: null }, true)
  expect(localStorage.getItem(name)).toBeNull()
})

test('what was on its way when the page was opened leaves the field when it has arrived', () => {
  const { key } = takeOut(5, written('hello'))
  reload()
  expect(draftOf(5)).toMatchObject({ text: 'hello', returned: { key } })
  elsewhere(5, { text: '' })
  expect(draftOf(5).text).toBe('hello')
  elsewhere(5, { outgoing: null })
  expect(draftOf(5)).toMatchObject({ text: '', returned: null })
})

test('what was on its way and is changed in the field is there once after a reload', () => {
  takeOut(5, written('hello'))
  reload()
  changeDraft(5, { text: 'hello there' })
  reload()
  expect(draftOf(5).text).toBe('hello there')
})

test('files on their way stay in the tab that sends them', () => {
  const [file] = asDraft([
    { type: 'file', id: 1, name: 'a', kind: 'text', media_type: 'text/plain', size: 1, width: null, height: null },
  ])
  const coming = { ...file, key: 'coming', sent: null } as DraftFile
  changeDraft(5, { files: [coming] }, true)
  elsewhere(5, { text: 'look', files: [file as DraftFile] })
  expect(draftOf(5).files).toEqual([file, coming])
})

test('options are kept without a word beside them, and a new chat takes them along', () => {
  changeDraft('new', { options: { temperature: 0.3 } })
  reload()
  expect(draftOf('new').options).toEqual({ temperature: 0.3 })
  moveNewDraft(5, true)
  reload()
  expect(draftOf(5).options).toEqual({ temperature: 0.3 })
  expect(draftOf('new').options).toEqual({})
  changeDraft(5, { options: {} }, true)
  expect(localStorage.length).toBe(0)
})

test('the same words with other options are another request', () => {
  const sent = takeOut(5, written('hello'))
  const warm = written('hello')
  warm.body.temperature = 1.5
  expect(takeOut(5, warm).key).not.toBe(sent.key)
})

test('other words of a question survive a reload, beside what is in the field, until they are sent or given up', () => {
  keepEdit(5, 11, { text: 'eleven', open: true })
  keepEdit(5, 13, { text: 'thirteen', open: false })
  changeDraft(5, { text: 'five' })
  reload()
  expect(editOf(5, 11)).toEqual({ text: 'eleven', open: true })
  expect(editOf(5, 13)).toEqual({ text: 'thirteen', open: false })
  expect(editOf(6, 11)).toBeUndefined()
  changeDraft(5, { text: '' })
  keepEdit(5, 11, null)
  reload()
  expect(editOf(5, 11)).toBeUndefined()
  expect(editOf(5, 13)?.text).toBe('thirteen')
  keepEdit(5, 13, null)
  dispatchEvent(new Event('pagehide'))
  expect(localStorage.length).toBe(0)
})
