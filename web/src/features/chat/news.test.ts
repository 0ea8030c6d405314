import type { QueryKey } from '@tanstack/react-query'
import { afterEach, expect, test, vi } from 'vitest'
import { setGo } from '../../lib/go'
import { queryClient } from '../../lib/query-client'
import { useNotices } from '../../lib/toast'
import '../../locales/person-words'
import { groups } from '../conversations/groups'
import { useUnread } from '../conversations/marks'
import { conversations, shelf } from '../conversations/queries'
import type { Shelf } from '../conversations/shelves'
import { talk as aTalk } from '../conversations/test-talk'
import type { Conversation } from '../conversations/types'
import { usePresent } from '../people/present'
import { notes } from '../people/queries'
import { type Outgoing, useLive } from './live'
import { applyNews } from './news'
import { messagesOf } from './queries'
import { message } from './test-message'

const talk = aTalk({ id: 7, title: 'Words' })
const turn = { conversation_id: 7, turn_id: 9, message_id: 11 }
const listed = () => queryClient.getQueryData(conversations.queryKey)?.pages.flatMap(({ items }) => items)

function hold(items: Conversation[]) {
  queryClient.setQueryData(conversations.queryKey, { pages: [{ items, next: null }], pageParams: [null] })
}

afterEach(() => {
  queryClient.clear()
  useUnread.setState({ unread: new Set() })
  useLive.setState({ current: null, outgoing: {} })
})

test('new and changed conversations stand in the list, deleted ones do not', () => {
  hold([])
  applyNews({ type: 'conversation.created', conversation: talk })
  applyNews({ type: 'conversation.updated', conversation: { ...talk, title: 'Better' } })
  expect(listed()?.map(({ title }) => title)).toEqual(['Better'])
  applyNews({ type: 'conversation.deleted', conversation: talk })
  expect(listed()).toEqual([])
})

test('what was put away elsewhere leaves the list, and comes back with its place', () => {
  const older = { ...talk, id: 6, last_activity_at: '2025-01-01T00:00:00.000Z' }
  hold([talk, older])
  applyNews({ type: 'conversation.updated', conversation: { ...talk, archived: true } })
  applyNews({ type: 'conversation.updated', conversation: { ...talk, archived: true, title: 'Better' } })
  expect(listed()).toEqual([older])
  applyNews({ type: 'conversation.updated', conversation: talk })
  expect(listed()).toEqual([talk, older])
})

test('marks and groups that change elsewhere are right in every list', () => {
  const held = (name: Shelf) => queryClient.getQueryData(shelf(name).queryKey)?.pages.flatMap(({ items }) => items)
  hold([talk])
  for (const name of ['favorites', 'archive', 5] as const)
    queryClient.setQueryData(shelf(name).queryKey, { pages: [{ items: [], next: null }], pageParams: [null] })
  const changed = { ...talk, favorite: true, group_id: 5 }
  applyNews({ type: 'conversation.updated', conversation: changed })
  expect([held('favorites'), held(5), held('archive')]).toEqual([[changed], [changed], []])
  applyNews({ type: 'conversation.updated', conversation: { ...changed, archived: true } })
  expect([held('list'), held('favorites'), held(5)]).toEqual([[], [], []])
  expect(held('archive')?.length).toBe(1)
  applyNews({ type: 'conversation.deleted', conversation: changed })
  expect(held('archive')).toEqual([])
})

test('groups are read again whenever there may be others', () => {
  queryClient.setQueryData(groups.queryKey, [])
  applyNews({ type: 'hello' })
  expect(queryClient.getQueryState(groups.queryKey)?.isInvalidated).toBe(true)
})

test('who hears for the first time reads again what may be as old as the page, and then only what is old', async () => {
  vi.resetModules()
  const anew = await import('../../lib/query-client')
  const { applyNews: hear } = await import('./news')
  const { me } = await import('../accounts/queries')
  const held = messagesOf(7).queryKey
  const isOld = (key: readonly unknown[]) => anew.queryClient.getQueryState(key)?.isInvalidated
  const read = () => {
    // Just taken, but asked for with the page, which has been there for long by now.
    for (const key of [held, me.queryKey] as QueryKey[])
      anew.queryClient.setQueryData(key, { pages: [], pageParams: [] })
  }
  vi.spyOn(performance, 'timeOrigin', 'get').mockReturnValue(Date.now() - 60_000)
  read()
  hear({ type: 'hello' })
  expect([isOld(held), isOld(me.queryKey)]).toEqual([true, true])
  read()
  hear({ type: 'hello' })
  expect([isOld(held), isOld(me.queryKey)]).toEqual([false, false])
  vi.restoreAllMocks()
})

test('groups that change elsewhere are read again, and the lists too when one is gone', async () => {
  const group = (id: number) => ({ id, name: `Group ${id}`, conversation_count: 0, created_at: '', updated_at: '' })
  queryClient.setQueryData(groups.queryKey, [group(1), group(2)])
  const read: unknown[] = []
  let next = [group(1), group(2), group(3)]
  vi.spyOn(queryClient, 'invalidateQueries').mockImplementation(async (filters) => {
    read.push(filters?.queryKey?.[0])
    if (filters?.queryKey?.[0] === 'groups') queryClient.setQueryData(groups.queryKey, next)
  })
  applyNews({ type: 'groups' })
  await vi.waitFor(() => expect(read).toEqual(['groups']))
  next = [group(1), group(3)]
  applyNews({ type: 'groups' })
  await vi.waitFor(() => expect(read).toEqual(['groups', 'groups', 'conversations']))
})

test('news of many conversations that come while the list is read have it read once more, not as often', async () => {
  vi.useFakeTimers()
  const read = vi.spyOn(queryClient, 'invalidateQueries').mockResolvedValue()
  vi.spyOn(queryClient, 'isFetching').mockReturnValue(1)
  hold([talk])
  for (let title = 0; title < 100; title += 1)
    applyNews({ type: 'conversation.updated', conversation: { ...talk, title: `${title}` } })
  await vi.runAllTimersAsync()
  expect(read).toHaveBeenCalledTimes(2)
  vi.useRealTimers()
})

test('an answer that ends out of sight is unread, one that was stopped is not', () => {
  hold([talk])
  applyNews({ type: 'turn.started', ...turn, state: 'running' })
  expect(listed()?.[0]?.running_turn_id).toBe(9)
  applyNews({ type: 'turn.ended', ...turn, state: 'stopped' })
  expect(listed()?.[0]?.running_turn_id).toBeNull()
  expect(useUnread.getState().unread.size).toBe(0)
  applyNews({ type: 'turn.ended', ...turn, state: 'completed' })
  expect([...useUnread.getState().unread]).toEqual([7])
})

test('an answer that ends in sight is read', () => {
  useLive.setState({ current: 7 })
  applyNews({ type: 'turn.ended', ...turn, state: 'completed' })
  expect(useUnread.getState().unread.size).toBe(0)
})

test('a message from elsewhere is read, one that is on its way from here is not', () => {
  const read = vi.spyOn(queryClient, 'invalidateQueries').mockResolvedValue()
  const created = { type: 'message.created', ...turn, role: 'assistant', state: 'running' } as const
  queryClient.setQueryData(messagesOf(7).queryKey, {
    pages: [{ items: [message({ id: 11, conversation_id: 7 })], next: null }],
    pageParams: [null],
  })
  applyNews(created)
  expect(read).not.toHaveBeenCalled()
  applyNews({ ...created, message_id: 12, role: 'user', state: 'completed' })
  expect(read, 'it comes with its answer').not.toHaveBeenCalled()
  applyNews({ ...created, message_id: 13 })
  expect(read).toHaveBeenCalledWith({ queryKey: ['messages', 7] })
})

test('a branch that was chosen elsewhere is read, unless an answer is made here', () => {
  const read = vi.spyOn(queryClient, 'invalidateQueries').mockResolvedValue()
  read.mockClear()
  const wasRead = () => read.mock.calls.some(([filters]) => filters?.queryKey?.[0] === 'messages')
  const updated = (active: number) =>
    applyNews({ type: 'conversation.updated', conversation: { ...talk, active_message_id: active } })
  updated(12)
  expect(wasRead(), 'nothing of it is held').toBe(false)

  queryClient.setQueryData(messagesOf(7).queryKey, {
    pages: [{ items: [message({ id: 11, conversation_id: 7 })], next: null }],
    pageParams: [null],
  })
  updated(11)
  expect(wasRead(), 'it is in sight').toBe(false)

  useLive.setState({ outgoing: { 7: { state: 'sending' } as Outgoing } })
  updated(12)
  expect(wasRead(), 'a message is on its way').toBe(false)

  useLive.setState({ outgoing: {} })
  updated(12)
  expect(read).toHaveBeenCalledWith({ queryKey: ['messages', 7] })
})

test('somebody else’s conversation that is gone while it is looked at is left for a new chat, and one’s own is not', () => {
  const gone = vi.fn()
  setGo(gone)
  useLive.setState({ current: 7 })
  applyNews({ type: 'conversation.deleted', conversation: talk })
  expect(gone).not.toHaveBeenCalled()
  applyNews({ type: 'conversation.deleted', conversation: { ...talk, role: 'viewer' } })
  expect(gone).toHaveBeenCalledExactlyOnceWith('/')
  expect(useNotices.getState().waiting.at(-1)?.text).toBe('"Words" is not shared with you any more')
})

const ada = { id: 1, username: 'ada', full_name: null }

test('notes come and go where they are read, each once', () => {
  const note = {
    id: 3,
    conversation_id: 7,
    message_id: 11,
    author: ada,
    content: 'Is it?',
    created_at: '2026-11-22T10:00:00Z',
  }
  const held = () => queryClient.getQueryData(notes(7).queryKey)
  applyNews({ type: 'note.created', note })
  expect(held()).toBeUndefined()
  queryClient.setQueryData(notes(7).queryKey, [])
  applyNews({ type: 'note.created', note })
  applyNews({ type: 'note.created', note })
  expect(held()).toEqual([note])
  applyNews({ type: 'note.deleted', conversation_id: 7, note_id: 3 })
  expect(held()).toEqual([])
})

test('who is there is as the last word has it', () => {
  applyNews({ type: 'presence', conversation_id: 7, users: [{ ...ada, typing: true }] })
  expect(usePresent.getState().present[7]).toEqual([{ ...ada, typing: true }])
  applyNews({ type: 'presence', conversation_id: 7, users: [] })
  expect(usePresent.getState().present[7]).toEqual([])
})

test('what an administrator tells everybody is shown as text', () => {
  const message = 'Back at <b>eight</b>'
  applyNews({ type: 'broadcast', kind: 'info', message, data: {}, from: 1, created_at: '2026-11-22T10:00:00Z' })
  expect(useNotices.getState().waiting.at(-1)?.text).toBe(message)
})
