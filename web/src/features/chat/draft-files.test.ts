import { beforeEach, expect, test } from 'vitest'
import type { DraftFile, FilePart } from '../files/types'
import {
  asDraft,
  changeDraft,
  chatPath,
  draftOf,
  forgetDrafts,
  moveNewDraft,
  openDrafts,
  placeOfFile,
  putBack,
  queuedWith,
  takeOut,
} from './drafts'

const part = (id: number): FilePart => ({
  type: 'file',
  id,
  name: `${id}.png`,
  kind: 'image',
  media_type: 'image/png',
  size: 70,
  width: 4,
  height: 3,
})
const coming: DraftFile = { ...asDraft([part(0)])[0], key: 'coming', sent: null } as DraftFile
const ids = (files: DraftFile[]) => files.map(({ sent }) => sent?.id)

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

test('files that the server has survive a reload, those on their way do not', () => {
  changeDraft(5, { files: [...asDraft([part(1), part(2)]), coming] })
  reload()
  expect(ids(draftOf(5).files)).toEqual([1, 2])
})

test('a message that was on its way when the page was closed is back with its files', () => {
  const body = { message: 'look', conversation_id: 5, attachments: [1] }
  takeOut(5, { path: chatPath, body, replaced: null, files: [part(1)] })
  changeDraft(5, { queued: queuedWith(null, 'and then', [part(2)]), files: asDraft([part(3)]) }, true)
  reload()
  expect(draftOf(5).text).toBe('look\n\nand then')
  expect(ids(draftOf(5).files)).toEqual([1, 2, 3])
})

test('the same words with other files are another request', () => {
  const written = (...attachments: number[]) => ({
    path: chatPath,
    body: { message: 'look', conversation_id: 5, attachments },
    replaced: null,
  })
  const { key } = takeOut(5, written(1))
  putBack(5, 'look', [part(1)])
  expect(ids(draftOf(5).files)).toEqual([1])
  expect(takeOut(5, written(1)).key).toBe(key)
  expect(takeOut(5, written(1, 2)).key).not.toBe(key)
})

test('a file goes where its message goes', () => {
  changeDraft('new', { files: [coming] })
  expect(placeOfFile('coming')).toBe('new')
  moveNewDraft(5, true)
  expect(placeOfFile('coming')).toBe(5)
  expect(draftOf('new').files).toEqual([])
  changeDraft(5, { files: [] })
  expect(placeOfFile('coming')).toBeUndefined()
})
