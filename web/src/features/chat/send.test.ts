import { InfiniteQueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { useAnnouncement } from '../../lib/announce'
import { queryClient } from '../../lib/query-client'
import { useNotices } from '../../lib/toast'
import { changeDraft, draftOf, forgetDrafts, openDrafts, queuedWith } from './drafts'
import { shown, useLive } from './live'
import { heldMessages, messagesOf } from './queries'
import { edit, giveUp, goOn, regenerate, retry, send, stop } from './send'
import { message } from './test-message'
import { stopAllFollowing, watch } from './turns'
import type { Message, TurnEvent } from './types'

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

afterEach(() => {
  stopAllFollowing()
  vi.unstubAllGlobals()
})

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

test('files go along by their ids and stand before the words', async () => {
  const file = {
    type: 'file' as const,
    id: 9,
    name: 'a.png',
    kind: 'image' as const,
    media_type: 'image/png',
    size: 70,
    width: 4,
    height: 3,
  }
  answers['/api/v1/chat'] = () => new Response(whole(0))
  send(1, 'look', null, undefined, [file])
  await vi.waitFor(() => expect(shownText()).toBe('Hello there'))
  expect(JSON.parse(askedFor('/api/v1/chat')[0]?.body ?? '')).toMatchObject({ message: 'look', attachments: [9] })
  expect(heldMessages(1)[0]?.parts).toEqual([file, { type: 'text', text: 'look' }])
})

test('what is sent in a conversation is asked for with its options', async () => {
  answers['/api/v1/chat'] = () => new Response(whole(0))
  changeDraft(1, { options: { temperature: 0, max_tokens: 50 } })
  send(1, 'hi', null)
  await vi.waitFor(() => expect(shownText()).toBe('Hello there'))
  expect(JSON.parse(askedFor('/api/v1/chat')[0]?.body ?? '')).toMatchObject({ temperature: 0, max_tokens: 50 })
})

test.each([
  ['regenerate', () => regenerate(saved, { model: 'other', style: 'longer' }), { model: 'other', style: 'longer' }],
  ['edit', () => edit(question, 'edited'), { message: 'edited' }],
  ['continue', () => goOn(saved), {}],
])('to %s asks with the options of the conversation too', async (name, ask, more) => {
  const path = `/api/v1/messages/${name === 'edit' ? 1 : 2}/${name}`
  answers[path] = () => new Response(whole(0))
  changeDraft(1, { options: { temperature: 0, max_tokens: 50 } })
  ask()
  await vi.waitFor(() => expect(askedFor(path)).toHaveLength(1))
  expect(JSON.parse(askedFor(path)[0]?.body ?? '')).toEqual({ temperature: 0, max_tokens: 50, ...more })
  await vi.waitFor(() => expect(shownText()).toBe('Hello there'))
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

const snapshot = (change: Partial<Message> = {}) =>
  `id: 7:3\ndata: ${JSON.stringify({ type: 'snapshot', covers: 3, message: { ...saved, ...change } })}\n\n`

test('a send that is answered without "start" has arrived all the same', async () => {
  answers['/api/v1/chat'] = () => new Response(snapshot() + whole(3))
  const started = vi.fn()
  send('new', 'hi', null, started)
  await vi.waitFor(() => expect(started).toHaveBeenCalledExactlyOnceWith(1))
  await vi.waitFor(() => expect(shownText()).toBe('Hello there'))
  expect(heldMessages(1).map((one) => one.role)).toEqual(['user', 'assistant'])
  expect(draftOf('new').outgoing).toBeNull()
  expect(useLive.getState().outgoing).toEqual({})
})

test('after a snapshot of a running answer the stream is read on', async () => {
  answers['/api/v1/chat'] = () => new Response(snapshot({ state: 'running', content: 'Hello' }))
  answers['/api/v1/turns/7/events'] = () => new Response(whole(3))
  send(1, 'hi', null)
  await vi.waitFor(() => expect(askedFor('/api/v1/turns/7/events')[0]?.after).toBe('7:3'), 2_000)
  expect(askedFor('/api/v1/chat')).toHaveLength(1)
})

test('a repeat of what stands in the list already adds nothing to it', async () => {
  const later = message({ id: 9, role: 'user', content: 'later', state: 'completed', parent_id: 2 })
  queryClient.setQueryData(messagesOf(1).queryKey, {
    pages: [{ items: [question, saved, later], next: null }],
    pageParams: [null],
  })
  answers['/api/v1/conversations/1/messages'] = () => json([question, saved, later])
  answers['/api/v1/chat'] = () => new Response(whole(0))
  const atStart: number[] = []
  send(1, 'hi', null, () => atStart.push(...heldMessages(1).map(({ id }) => id)))
  await vi.waitFor(() => expect(atStart).toEqual([1, 2, 9]))
})

/** Messages that are read only when the test says so, by a page that shows them. */
function slowReads() {
  const reads: ((found: Message[]) => void)[] = []
  const others = fetch
  vi.stubGlobal('fetch', (request: Request) => {
    if (!request.url.includes('/messages')) return others(request)
    return new Promise((answer) => reads.push((found) => answer(json(found))))
  })
  onTestFinished(new InfiniteQueryObserver(queryClient, messagesOf(1)).subscribe(() => undefined))
  return reads
}

const begins = () => {
  const frame = new TextEncoder().encode(lines(0, 1))
  return new Response(new ReadableStream({ start: (to) => to.enqueue(frame) }))
}
const before = [
  message({ id: -2, role: 'user', content: 'before', state: 'completed', parent_id: null }),
  message({ id: -1, state: 'stopped', parent_id: -2, turn_id: 6 }),
]
const half = message({ content: 'Hello', parts: [{ type: 'text', text: 'Hello' }], covers: 2 })
const heldIds = () => heldMessages(1).map(({ id }) => id)

test('a read from before a message was sent does not take it out of sight', async () => {
  const held = { pages: [{ items: before, next: null }], pageParams: [null] }
  queryClient.setQueryData(messagesOf(1).queryKey, held, { updatedAt: 1 })
  const reads = slowReads()
  await vi.waitFor(() => expect(reads).toHaveLength(1))
  answers['/api/v1/chat'] = begins
  send(1, 'hi', null)
  await vi.waitFor(() => expect(heldIds()).toEqual([-2, -1, 1, 2]))
  const seen = new Set<string>()
  onTestFinished(queryClient.getQueryCache().subscribe(() => seen.add(heldIds().join())))
  reads[0]?.(before)
  await vi.waitFor(() => expect(reads).toHaveLength(2))
  reads[1]?.([...before, question, half])
  await vi.waitFor(() => expect(queryClient.isFetching({ queryKey: ['messages'] })).toBe(0))
  expect([...seen]).toEqual(['-2,-1,1,2'])
})

test('a message that is sent before the others are read stands below them', async () => {
  const reads = slowReads()
  await vi.waitFor(() => expect(reads).toHaveLength(1))
  answers['/api/v1/chat'] = begins
  send(1, 'hi', null)
  await vi.waitFor(() => expect(heldIds()).toEqual([1, 2]))
  reads[0]?.(before)
  await vi.waitFor(() => expect(reads).toHaveLength(2))
  reads[1]?.([...before, question, half])
  await vi.waitFor(() => expect(heldIds()).toEqual([-2, -1, 1, 2]))
})

test('a stream that ends with nothing in it is told', async () => {
  answers['/api/v1/chat'] = () => new Response('data: [DONE]\n\n')
  send(1, 'hi', null)
  await vi.waitFor(() => expect(useLive.getState().outgoing[1]?.state).toBe('failed'))
  const [first] = asked
  giveUp(1)
  send(1, 'hi', null)
  await vi.waitFor(() => expect(askedFor('/api/v1/chat')).toHaveLength(2))
  expect(asked.at(-1)?.key).not.toBe(first?.key)
})

const refuseFirst = async () => {
  answers['/api/v1/chat'] = () => json({ detail: 'No', code: 'forbidden' }, 403)
  send(1, 'first', null)
  await vi.waitFor(() => expect(useLive.getState().outgoing[1]?.state).toBe('failed'))
}

test('a refused message is back in the field when another one is sent', async () => {
  await refuseFirst()
  changeDraft(1, { text: 'second' })
  answers['/api/v1/chat'] = () => new Response(whole(0))
  send(1, 'second', null)
  expect(draftOf(1).text).toBe('first')
  expect(draftOf(1).outgoing?.body.message).toBe('second')
  await vi.waitFor(() => expect(shownText()).toBe('Hello there'))
  expect(draftOf(1)).toMatchObject({ text: 'first', outgoing: null })
})

test('a refused message that is typed again is in one place only', async () => {
  await refuseFirst()
  send(1, 'first', null)
  expect(draftOf(1).text).toBe('')
  expect(draftOf(1).outgoing?.body.message).toBe('first')
})

test('a refused message is back in the field when something else makes an answer', async () => {
  await refuseFirst()
  regenerate(saved)
  expect(draftOf(1).text).toBe('first')
  await refuseFirst()
  changeDraft(1, { text: 'typed' })
  edit(question, 'edited')
  expect(draftOf(1).text).toBe('first\n\ntyped')
})

test('the text of an edit survives the page', () => {
  changeDraft(1, { text: 'typed' })
  edit(question, 'edited')
  expect(draftOf(1).text).toBe('typed')
  dispatchEvent(new Event('pagehide'))
  openDrafts(2)
  openDrafts(1)
  expect(draftOf(1).text).toBe('edited\n\ntyped')
})

/** A server that answers a send only when it is told to. */
function slowServer() {
  const opened: { request: Request; answer: (response: Response) => void }[] = []
  const before = fetch
  vi.stubGlobal('fetch', (request: Request) => {
    if (!request.url.endsWith('/chat')) return before(request)
    return new Promise((answer) => opened.push({ request, answer }))
  })
  return opened
}

test('what is given up is cancelled, and sent again it is the same', async () => {
  const opened = slowServer()
  send(1, 'hi', null)
  await vi.waitFor(() => expect(opened).toHaveLength(1))
  giveUp(1)
  expect(opened[0]?.request.signal.aborted).toBe(true)
  expect(draftOf(1).text).toBe('hi')
  opened[0]?.answer(new Response(whole(0)))
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(heldMessages(1)).toEqual([])
  expect(draftOf(1).text).toBe('hi')
  send(1, 'hi', null)
  await vi.waitFor(() => expect(opened).toHaveLength(2))
  const keys = opened.map(({ request }) => request.headers.get('Idempotency-Key'))
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
  expect(keys[1]).toBe(keys[0])
})

test('the oldest stream that was started here is closed when there are too many', async () => {
  const opened = slowServer()
  useLive.setState({ current: null })
  for (const turn of [11, 12, 13, 14, 15]) {
    send(turn, 'hi', null)
    await vi.waitFor(() => expect(opened).toHaveLength(turn - 10))
    const start: TurnEvent = {
      type: 'start',
      turn_id: turn,
      conversation_id: turn,
      user_message_id: turn * 10,
      message_id: turn * 10 + 1,
      model: 'sonata',
    }
    const frame = new TextEncoder().encode(`id: ${turn}:1\ndata: ${JSON.stringify(start)}\n\n`)
    opened.at(-1)?.answer(new Response(new ReadableStream({ start: (to) => to.enqueue(frame) })))
    await vi.waitFor(() => expect(useLive.getState().answers[turn * 10 + 1]).toBeDefined())
  }
  expect(opened.map(({ request }) => request.signal.aborted)).toEqual([true, false, false, false, false])
})

test('what was typed and queued while a new chat began goes with it', async () => {
  const opened = slowServer()
  useLive.setState({ current: 'new' })
  send('new', 'hi', null)
  const queued = queuedWith(null, 'and then')
  changeDraft('new', { text: 'half a th', queued })
  await vi.waitFor(() => expect(opened).toHaveLength(1))
  opened[0]?.answer(new Response(lines(0, 1)))
  await vi.waitFor(() => expect(useLive.getState().outgoing.new?.begunAs).toBe(1))
  expect(draftOf(1)).toMatchObject({ text: 'half a th', queued })
  expect(draftOf('new')).toMatchObject({ text: '', queued: null, outgoing: null })
  stop('new')
  await vi.waitFor(() => expect(askedFor('/api/v1/turns/7/stop')).toHaveLength(1))
})

test('what is typed into another new chat stays there', async () => {
  const opened = slowServer()
  send('new', 'hi', null)
  changeDraft('new', { text: 'something else', queued: queuedWith(null, 'and then') })
  await vi.waitFor(() => expect(opened).toHaveLength(1))
  opened[0]?.answer(new Response(lines(0, 1)))
  await vi.waitFor(() => expect(draftOf(1).queued?.text).toBe('and then'))
  expect(draftOf('new')).toMatchObject({ text: 'something else', queued: null })
})

test('a follow-up goes out under the key that it was queued with', async () => {
  let turns = 0
  answers['/api/v1/chat'] = () => {
    turns += 1
    return turns === 1 ? new Response(whole(0)) : json({ detail: 'No' }, 403)
  }
  const queued = queuedWith(null, 'and then')
  send(1, 'hi', null)
  changeDraft(1, { queued, text: 'typing' })
  await vi.waitFor(() => expect(askedFor('/api/v1/chat')).toHaveLength(2))
  expect(askedFor('/api/v1/chat')[1]).toMatchObject({
    key: queued.key,
    body: JSON.stringify({ message: 'and then', conversation_id: 1 }),
  })
  expect(draftOf(1)).toMatchObject({ text: 'typing', queued: null })
})

test('a message is sent when nothing can be stored', async () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError')
  })
  answers['/api/v1/chat'] = () => new Response(whole(0))
  send(1, 'hi', null)
  await vi.waitFor(() => expect(shownText()).toBe('Hello there'))
})

test('a new chat that is answered before it has its address has no new answer elsewhere', async () => {
  answers['/api/v1/chat'] = () => new Response(whole(0))
  useLive.setState({ current: 'new' })
  useAnnouncement.setState({ text: '' })
  useNotices.setState({ waiting: [] })
  send('new', 'hi', null)
  await vi.waitFor(() => expect(useAnnouncement.getState().text).toMatch(/^Answer ready/))
  expect(useNotices.getState().waiting).toEqual([])
})
