import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { repeatMs, restMs, typingTeller } from './typing'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function listening() {
  const told: boolean[] = []
  return { told, typing: typingTeller((typing) => told.push(typing)) }
}

test('fast keys are told once, and again only after a while', () => {
  const { told, typing } = listening()
  for (let at = 0; at < repeatMs * 2; at += 100) {
    typing.changed(`word ${at}`)
    vi.advanceTimersByTime(100)
  }
  expect(told).toEqual([true, true])
})

test('who rests has ended, and begins again', () => {
  const { told, typing } = listening()
  typing.changed('a')
  vi.advanceTimersByTime(restMs)
  expect(told).toEqual([true, false])
  typing.changed('ab')
  expect(told).toEqual([true, false, true])
  expect(typing.isTyping()).toBe(true)
})

test('what is sent is typed no more, and is told once', () => {
  const { told, typing } = listening()
  typing.changed('a question')
  typing.changed('')
  typing.end()
  vi.advanceTimersByTime(restMs)
  expect(told).toEqual([true, false])
  expect(typing.isTyping()).toBe(false)
})
