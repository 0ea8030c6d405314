import { afterEach, expect, test, vi } from 'vitest'
import { queryClient } from '../../lib/query-client'
import { useNotices } from '../../lib/toast'
import { heldMessages, messagesOf } from './queries'
import { rate } from './rate'
import { message } from './test-message'

afterEach(() => {
  queryClient.clear()
  useNotices.setState({ waiting: [] })
  vi.unstubAllGlobals()
})

const answer = message({ state: 'completed', content: 'hi' })

function hold() {
  queryClient.setQueryData(messagesOf(1).queryKey, {
    pages: [{ items: [message({ id: 1, role: 'user' }), answer], next: null }],
    pageParams: [null],
  })
}

const shown = () => heldMessages(1).map((one) => one.feedback?.rating)

/** A server that answers each word when it is told to. */
function server() {
  const asked: { body: unknown; answer: (response: Response) => void }[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    const body = await request.json()
    return new Promise((answer) => asked.push({ body, answer }))
  })
  const taken = (rating: 'up' | 'down' | null) =>
    new Response(JSON.stringify({ ...answer, ...(rating ? { feedback: { rating, comment: null } } : {}) }))
  return { asked, taken }
}

test('a word is shown before the server has it', async () => {
  hold()
  const { asked, taken } = server()
  const sent = rate(answer, { rating: 'up', comment: null })
  expect(shown()).toEqual([undefined, 'up'])
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  expect(asked[0]?.body).toEqual({ rating: 'up' })
  asked[0]?.answer(taken('up'))
  expect(await sent).toBe(true)
  expect(shown()).toEqual([undefined, 'up'])
})

test('what the server refuses is taken back, and said', async () => {
  hold()
  const { asked } = server()
  const sent = rate(answer, { rating: 'down', comment: 'no' })
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  asked[0]?.answer(new Response(JSON.stringify({ detail: 'Not now.' }), { status: 409 }))
  expect(await sent).toBe(false)
  expect(shown()).toEqual([undefined, undefined])
  expect(useNotices.getState().waiting.map((one) => one.text)).toEqual(['Not now.'])
})

test('words reach the server one after the other, and the last one stays', async () => {
  hold()
  const { asked, taken } = server()
  const first = rate(answer, { rating: 'up', comment: null })
  const second = rate(answer, null)
  expect(shown()).toEqual([undefined, undefined])
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  asked[0]?.answer(taken('up'))
  await first
  expect(shown()).toEqual([undefined, undefined])
  await vi.waitFor(() => expect(asked).toHaveLength(2))
  expect(asked[1]?.body).toEqual({ rating: null })
  asked[1]?.answer(taken(null))
  await second
  expect(shown()).toEqual([undefined, undefined])
})
