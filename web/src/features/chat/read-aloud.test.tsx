import { act, renderHook } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'
import { queryClient } from '../../lib/query-client'
import { useLive } from './live'
import { messagesOf, showMessages } from './queries'
import { readAloud, stopReading, useCanRead, useIsRead } from './read-aloud'
import { message } from './test-message'

class Utterance {
  lang = ''
  onend: (() => void) | undefined
  onerror: (() => void) | undefined
  constructor(public text: string) {}
}

let spoken: Utterance[] = []
let voices: unknown[] = []
let changed: () => void = () => undefined
const cancel = vi.fn()

const answer = message({ state: 'completed' })

const text = 'The end\n\nof the story and of it'

beforeEach(() => {
  stopReading()
  spoken = []
  voices = [{}]
  cancel.mockClear()
  vi.stubGlobal('SpeechSynthesisUtterance', Utterance)
  vi.stubGlobal('speechSynthesis', {
    getVoices: () => voices,
    addEventListener: (_: string, listener: () => void) => {
      changed = listener
    },
    removeEventListener: () => undefined,
    speak: (one: Utterance) => spoken.push(one),
    cancel,
  })
  queryClient.clear()
  useLive.setState({ current: 1 })
  showMessages(1, [answer], null)
})

test('an answer is read until its last word', async () => {
  const { result } = renderHook(() => useIsRead(answer.id))
  act(() => readAloud(answer, text))
  expect(spoken.map(({ text, lang }) => [text, lang])).toEqual([
    ['The end', 'en'],
    ['of the story and of it', 'en'],
  ])
  expect(result.current).toBe(true)
  act(() => spoken.at(-1)?.onend?.())
  expect(result.current).toBe(false)
})

test.each([
  ['on a second press', async () => stopReading()],
  ['as the conversation is left', async () => useLive.setState({ current: null })],
  ['as another one is opened', async () => useLive.setState({ current: 2 })],
  [
    'as the answer is deleted',
    async () => queryClient.setQueryData(messagesOf(1).queryKey, { pages: [], pageParams: [] }),
  ],
  ['as another answer stands in for it', async () => showMessages(1, [message({ id: 3 })], answer.id)],
  ['as the page is left', async () => dispatchEvent(new Event('pagehide'))],
])('it ends %s', async (_, end) => {
  const { result } = renderHook(() => useIsRead(answer.id))
  act(() => readAloud(answer, text))
  expect(cancel).not.toHaveBeenCalled()
  await act(async () => void (await end()))
  await vi.waitFor(() => expect(cancel).toHaveBeenCalledOnce())
  expect(result.current).toBe(false)
})

test('of two answers only the second is read on', async () => {
  const other = message({ id: 3 })
  showMessages(1, [other], null)
  const { result } = renderHook(() => [useIsRead(answer.id), useIsRead(other.id)])
  act(() => readAloud(answer, text))
  act(() => readAloud(other, 'Other'))
  expect(result.current).toEqual([false, true])
  // The browser tells of those that it did not come to.
  act(() => spoken[0]?.onerror?.())
  expect(result.current).toEqual([false, true])
})

test('what is read again at once is not ended by the time before', () => {
  const { result } = renderHook(() => useIsRead(answer.id))
  act(() => readAloud(answer, text))
  act(() => stopReading())
  act(() => readAloud(answer, text))
  act(() => spoken[0]?.onerror?.())
  expect(result.current).toBe(true)
})

test('a browser without voices cannot read until it has some', async () => {
  voices = []
  const { result } = renderHook(() => useCanRead())
  expect(result.current).toBe(false)
  voices = [{}]
  act(() => changed())
  expect(result.current).toBe(true)
})

test('nor can one that does not speak', async () => {
  vi.stubGlobal('speechSynthesis', undefined)
  expect(renderHook(() => useCanRead()).result.current).toBe(false)
})
