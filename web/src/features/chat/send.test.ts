import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { queryClient } from '../../lib/query-client'
import { draftOf, forgetDrafts, openDrafts } from './drafts'
import { shown, useLive } from './live'
import { heldMessages, messagesOf } from './queries'
import { giveUp, retry, send, stop } from './send'
import { message } from './test-message'
import { watch } from './turns'
import type { TurnEvent } from './types'

const saved = message({
  content: 'Hello there',
  parts: [{ type: 'text', text: 'Hello there' }],
  state: 'completed',
  sibling_ids: [2],
})
const question = message({ id: 1, role: 'user', content: 'hi', state: 'completed', parent_id: null })

const events: TurnEvent[] = [
  { type: 'start', turn_id: 7, conversation_id: 1, user_message_id: 1, message_id: 2, model: 'sonata' },
  { type: 'chunk', content: 'Hello' },
  { type: 'chunk', content: ' there' },
  { type: 'done', message_id: 2, state: 'completed', finish_reason: 'stop', usage: null },
]

const lines = (from: number, to: number) =>
  events
    .slice(from, to)
    .map((event, index) => `id: 7:${from + index + 1}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('')
const whole = (from: number) => `${lines(from, events.length)}data: [DONE]\n\n`

let asked: { path: string; key: string | null; after: string | null; body: string }[] = []
let answers: Record<string, () => Response> = {}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status })

beforeEach(() => {
  asked = []
  answers = {
    '/api/v1/conversations/1/messages': () => json([question, saved]),
    '/api/v1/conversations/1': () => json({ id: 1, messages: [] }),
    '/api/v1/conversations': () => json([]),
    '/api/v1/turns/7/stop': () => new Response(null, { status: 202 }),
  }
  vi.stubGlobal('fetch', async (request: Request) => {
    const { pathname } = new URL(request.url)
    const { headers } = request
    asked.push({
      path: pathname,
      key: headers.get('Idempotency-Key'),
      after: headers.get('Last-Event-ID'),
      body: await request.clone().text(),
    })
    return answers[pathname]?.() ?? json({ detail: 'nothing there' }, 404)
  })
  queryClient.clear()
  useLive.setState({ answers: {}, outgoing: {}, keys: {}, lost: new Set(), current: 1 })
  forgetDrafts()
  openDrafts(1)
})

afterEach(() => vi.unstubAllGlobals())

const shownText = () => {
  const held = heldMessages(1).find((one) => one.id === 2)
  return held && shown(held, useLive.getState().answers[2]).content
}
const askedFor = (path: string) => asked.filter((one) => one.path === path)

test('a new chat becomes a conversation, and its answer is there to the last word', async () => {
  answers['/api/v1/chat'] = () => new Response(whole(0))
  const started = vi.fn()
  send('new', 'hi', 'sonata', started)
  await vi.waitFor(() => expect(started).toHaveBeenCalledExactlyOnceWith(1))
  await vi.waitFor(() => expect(shownText()).toBe('Hello there'))
  expect(heldMessages(1).map((one) => one.role)).toEqual(['user', 'assistant'])
  expect(draftOf('new').outgoing).toBeNull()
})

test('a stream that breaks is read on where it broke, and nothing is shown twice', async () => {
  answers['/api/v1/chat'] = () => new Response(lines(0, 2))
  answers['/api/v1/turns/7/events'] = () => new Response(whole(2))
  send(1, 'hi', null)
  await vi.waitFor(() => expect(shownText()).toBe('Hello there'), 2_000)
  expect(askedFor('/api/v1/chat')).toHaveLength(1)
  expect(askedFor('/api/v1/turns/7/events')[0]?.after).toBe('7:2')
})

test('a send that may have been lost is sent again under the same key', async () => {
  let first = true
  answers['/api/v1/chat'] = () => {
    if (!first) return new Response(whole(0))
    first = false
    throw new TypeError('network')
  }
  send(1, 'hi', null)
  await vi.waitFor(() => expect(askedFor('/api/v1/chat')).toHaveLength(2), 2_000)
  const [one, two] = askedFor('/api/v1/chat')
  expect(one?.key).toMatch(/^[0-9a-f]{32}$/)
  expect(two?.key).toBe(one?.key)
})

test('a refused message can be tried again or taken back', async () => {
  answers['/api/v1/chat'] = () => json({ detail: 'Not this model', code: 'forbidden' }, 403)
  send(1, 'hi', null)
  await vi.waitFor(() => expect(useLive.getState().outgoing[1]?.problem?.message).toBe('Not this model'))
  retry(1)
  await vi.waitFor(() => expect(askedFor('/api/v1/chat')).toHaveLength(2))
  await vi.waitFor(() => expect(useLive.getState().outgoing[1]?.state).toBe('failed'))
  giveUp(1)
  expect(draftOf(1).text).toBe('hi')
  expect(useLive.getState().outgoing[1]).toBeUndefined()
})

test('a stop before the answer begins is kept and sent then', async () => {
  let open: (response: Response) => void = () => undefined
  vi.stubGlobal('fetch', (request: Request) => {
    asked.push({ path: new URL(request.url).pathname, key: null, after: null, body: '' })
    if (request.url.endsWith('/chat')) return new Promise((resolve) => (open = resolve))
    return Promise.resolve(answers[new URL(request.url).pathname]?.() ?? json({}, 404))
  })
  send(1, 'hi', null)
  stop(1)
  expect(askedFor('/api/v1/turns/7/stop')).toHaveLength(0)
  await vi.waitFor(() => expect(askedFor('/api/v1/chat')).toHaveLength(1))
  open(new Response(whole(0)))
  await vi.waitFor(() => expect(askedFor('/api/v1/turns/7/stop')).toHaveLength(1))
})

test('a page loaded in the middle of an answer shows all of it and goes on', async () => {
  const half = message({ content: 'Hello', parts: [{ type: 'text', text: 'Hello' }], covers: 2 })
  queryClient.setQueryData(messagesOf(1).queryKey, {
    pages: [{ items: [question, half], next: null }],
    pageParams: [null],
  })
  answers['/api/v1/turns/7/events'] = () => new Response(whole(2))
  watch(half)
  watch(half)
  expect(shownText()).toBe('Hello')
  await vi.waitFor(() => expect(shownText()).toBe('Hello there'))
  expect(askedFor('/api/v1/turns/7/events').map((one) => one.after)).toEqual(['7:2'])
})
