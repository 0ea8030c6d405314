import { expect, test } from 'vitest'
import { newsHub, type ToTab } from './hub'

const bytes = (text: string) => new TextEncoder().encode(text)

/** A server whose streams are written by the test. */
function server() {
  const streams: { write: (news: object) => void; end: () => void; isOpen: () => boolean }[] = []
  const answers: number[] = []
  async function open(signal: AbortSignal): Promise<Response> {
    const status = answers.shift() ?? 200
    if (status !== 200) return new Response('', { status })
    let isOpen = true
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        const end = () => {
          if (isOpen) controller.close()
          isOpen = false
        }
        signal.addEventListener('abort', () => {
          isOpen = false
        })
        streams.push({
          write: (news) => controller.enqueue(bytes(`data: ${JSON.stringify(news)}\n\n`)),
          end,
          isOpen: () => isOpen,
        })
        controller.enqueue(bytes('data: {"type":"hello"}\n\n'))
      },
      cancel: () => {
        isOpen = false
      },
    })
    return new Response(body)
  }
  return { open, streams, answers }
}

function tab() {
  const heard: ToTab[] = []
  return { heard, tell: (message: ToTab) => void heard.push(message) }
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 5))
const hello = { news: { type: 'hello' } }
const started = { type: 'turn.started', conversation_id: 1, turn_id: 2, message_id: 3, state: 'running' }

test('all tabs of a person share one connection, and each is greeted', async () => {
  const { open, streams } = server()
  const hub = newsHub({ open })
  const [one, other] = [tab(), tab()]
  hub.hear(one.tell, { listen: 1 })
  await soon()
  hub.hear(other.tell, { listen: 1 })
  streams[0]?.write(started)
  await soon()
  expect(streams).toHaveLength(1)
  expect(one.heard).toEqual([{ up: true }, hello, { news: started }])
  expect(other.heard).toEqual([{ up: true }, hello, { news: started }])
})

test('the last tab that leaves closes it', async () => {
  const { open, streams } = server()
  const hub = newsHub({ open })
  const [one, other] = [tab(), tab()]
  hub.hear(one.tell, { listen: 1 })
  hub.hear(other.tell, { listen: 1 })
  await soon()
  hub.hear(one.tell, 'leave')
  expect(streams[0]?.isOpen()).toBe(true)
  hub.hear(other.tell, 'leave')
  await soon()
  expect(streams[0]?.isOpen()).toBe(false)
})

test('a tab hears nothing of another person', async () => {
  const { open, streams } = server()
  const hub = newsHub({ open })
  const [ada, bob] = [tab(), tab()]
  hub.hear(ada.tell, { listen: 1 })
  await soon()
  hub.hear(bob.tell, { listen: 2 })
  await soon()
  expect(streams).toHaveLength(2)
  expect(streams[0]?.isOpen()).toBe(false)
  const before = ada.heard.length
  streams[1]?.write(started)
  await soon()
  expect(bob.heard).toEqual([{ up: true }, hello, { news: started }])
  expect(ada.heard.slice(before)).toEqual([])
})

test('a lost connection is made again, ever more seldom', async () => {
  const { open, streams, answers } = server()
  const waits: number[] = []
  const wait = async (ms: number) => void waits.push(ms)
  const hub = newsHub({ open, wait })
  const one = tab()
  answers.push(503, 503)
  hub.hear(one.tell, { listen: 1 })
  await soon()
  expect(waits).toEqual([250, 500])
  streams[0]?.end()
  await soon()
  expect(waits).toEqual([250, 500, 250])
  expect(one.heard).toEqual([{ up: true }, hello, { up: false }, { up: true }, hello])
})

test('an expired session is renewed by a tab; one that has ended stops it until somebody listens again', async () => {
  const { open, streams, answers } = server()
  const hub = newsHub({ open, wait: soon as () => Promise<void> })
  const one = tab()
  answers.push(401)
  hub.hear(one.tell, { listen: 1 })
  await soon()
  expect(one.heard).toEqual([{ expired: expect.any(Number) }])
  hub.hear(one.tell, 'renewed')
  await soon()
  expect(one.heard.slice(1)).toEqual([{ up: true }, hello])

  answers.push(401)
  streams[0]?.end()
  await soon()
  await soon()
  hub.hear(one.tell, 'ended')
  await soon()
  expect(streams).toHaveLength(1)
  hub.hear(one.tell, { listen: 1 })
  await soon()
  expect(streams).toHaveLength(2)
})
