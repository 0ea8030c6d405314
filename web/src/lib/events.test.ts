import { afterEach, expect, test, vi } from 'vitest'
import { follow, openEvents } from './events'
import { type Frame, frameParser, readEvents } from './frames'

const wire = [
  'id: 7:1\ndata: {"type":"start"}\n\n',
  ': keep awake\n\n',
  'id: 7:2\r\ndata: {"content":"è – 😀"}\r\n\r\n',
  'id: 7:3\ndata: one\ndata: two\n\n',
  'data: [DONE]\n\n',
].join('')

const frames: Frame[] = [
  { id: '7:1', data: '{"type":"start"}' },
  { id: '7:2', data: '{"content":"è – 😀"}' },
  { id: '7:3', data: 'one\ntwo' },
]

const bytes = new TextEncoder().encode(wire)
const streamOf = (...parts: Uint8Array[]) =>
  new Response(
    new ReadableStream({
      start(controller) {
        for (const part of parts) controller.enqueue(part)
        controller.close()
      },
    }),
  )
const text = (value: string) => streamOf(new TextEncoder().encode(value))

afterEach(() => vi.unstubAllGlobals())

test('events split at any byte are the same events', () => {
  for (let at = 0; at <= bytes.length; at++) {
    const seen: Frame[] = []
    const parser = frameParser((frame) => seen.push(frame))
    parser.push(bytes.slice(0, at))
    parser.push(bytes.slice(at))
    expect(seen).toEqual([...frames, { id: '7:3', data: '[DONE]' }])
  }
})

test('[DONE] ends a stream, an end without it is a lost connection', async () => {
  const seen: Frame[] = []
  expect(await readEvents(streamOf(bytes), (frame) => seen.push(frame))).toBe(true)
  expect(seen).toEqual(frames)
  expect(await readEvents(text('id: 7:1\ndata: a\n\n'), () => undefined)).toBe(false)
})

test('a lost connection is made again after the last event', async () => {
  const asked: string[] = []
  const answers = ['id: 7:1\ndata: a\n\nid: 7:2\ndata: b\n\nid: 7:3\nda', 'id: 7:3\ndata: c\n\ndata: [DONE]\n\n']
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push(request.headers.get('Last-Event-ID') ?? '')
    const answer = answers.shift()
    if (asked.length === 2) throw new TypeError('network')
    return text(answer ?? '')
  })
  answers.splice(1, 0, '')
  const seen: string[] = []
  let last = '7:0'
  const connection: boolean[] = []
  const { signal } = new AbortController()
  await follow({
    open: () => openEvents('/api/v1/turns/7/events', last, signal),
    signal,
    onFrame: (frame) => {
      last = frame.id
      seen.push(frame.data)
    },
    onConnection: (up) => connection.push(up),
    wait: async () => undefined,
  })
  expect(seen).toEqual(['a', 'b', 'c'])
  expect(asked).toEqual(['7:0', '7:2', '7:2'])
  expect(connection).toEqual([true, false, false, true])
})

test('204 means that there is nothing more to see', async () => {
  const fetched = vi.fn(async () => new Response(null, { status: 204 }))
  vi.stubGlobal('fetch', fetched)
  const { signal } = new AbortController()
  await follow({ open: () => openEvents('/x', '7:9', signal), signal, onFrame: () => undefined })
  expect(fetched).toHaveBeenCalledTimes(1)
})

test('a refusal is told, a server that is not well is asked again', async () => {
  const answers = [new Response('', { status: 503 }), new Response('{"detail":"Not here"}', { status: 404 })]
  vi.stubGlobal('fetch', async () => answers.shift())
  const { signal } = new AbortController()
  const following = follow({
    open: () => openEvents('/x', '7:0', signal),
    signal,
    onFrame: () => undefined,
    wait: async () => undefined,
  })
  await expect(following).rejects.toThrow('Not here')
})

test('what arrives after the following was given up is not read', async () => {
  const abort = new AbortController()
  const seen: Frame[] = []
  const cancel = vi.fn()
  const told = vi.fn()
  await follow({
    open: async () => {
      abort.abort()
      const body = new ReadableStream({ start: (to) => to.enqueue(bytes), cancel })
      return new Response(body)
    },
    signal: abort.signal,
    onFrame: (frame) => seen.push(frame),
    onConnection: told,
  })
  expect(seen).toEqual([])
  expect(told).not.toHaveBeenCalled()
  expect(cancel).toHaveBeenCalledTimes(1)
})

test('a connection that is cut while nobody looks goes on where it was when somebody does', async () => {
  const asked: string[] = []
  let cut: AbortController | undefined
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push(request.headers.get('Last-Event-ID') ?? '')
    if (asked.length > 1) return text('id: 7:2\ndata: b\n\ndata: [DONE]\n\n')
    const encoder = new TextEncoder()
    return new Response(
      new ReadableStream({ start: (stream) => stream.enqueue(encoder.encode('id: 7:1\ndata: a\n\n')) }),
    )
  })
  const { signal } = new AbortController()
  const told: (string | boolean)[] = []
  let last = '7:0'
  await follow({
    open: () => openEvents('/api/v1/turns/7/events', last, signal),
    signal,
    onFrame: (frame) => {
      last = frame.id
      told.push(frame.data)
      cut?.abort()
    },
    onConnection: (up) => told.push(up),
    rest: {
      watch(controller) {
        cut = controller
        return () => told.push('forgotten')
      },
      back: async () => void told.push('back'),
    },
  })
  expect(asked).toEqual(['7:0', '7:1'])
  expect(told).toEqual([true, 'a', 'back', 'forgotten', true, 'b', 'forgotten'])
})
