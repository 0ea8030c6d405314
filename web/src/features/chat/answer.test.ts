import { expect, test } from 'vitest'
import { type Answer, answerOf, applyEvent } from './answer'
import { message } from './test-message'
import type { TurnEvent } from './types'

const events: TurnEvent[] = [
  { type: 'start', turn_id: 7, conversation_id: 1, user_message_id: 1, message_id: 2, model: 'sonata' },
  { type: 'reasoning', content: 'Let me' },
  { type: 'reasoning', content: ' see' },
  { type: 'reasoning', content: '', duration_ms: 1200 },
  { type: 'chunk', content: 'Hel' },
  { type: 'tool', id: 'a', name: 'search', arguments: '{"q":1}', state: 'running', result: null, duration_ms: null },
  { type: 'tool', id: 'a', name: 'search', arguments: '{"q":1}', state: 'completed', result: 'found', duration_ms: 5 },
  { type: 'chunk', content: 'lo' },
  { type: 'title', title: 'Greeting' },
  { type: 'done', message_id: 2, state: 'completed', finish_reason: 'stop', usage: null },
]

const play = (from: Answer, list = events, first = 1) =>
  list.reduce((answer, event, index) => applyEvent(answer, first + index, event), from)

test('events make the answer', () => {
  const { message: made, seq, done } = play(answerOf(message()))
  expect(made).toMatchObject({ content: 'Hello', state: 'completed', finish_reason: 'stop', model: 'sonata' })
  expect(made.parts).toEqual([
    { type: 'reasoning', text: 'Let me see', duration_ms: 1200 },
    { type: 'text', text: 'Hel' },
    {
      type: 'tool_call',
      id: 'a',
      name: 'search',
      arguments: '{"q":1}',
      state: 'completed',
      result: 'found',
      duration_ms: 5,
    },
    { type: 'text', text: 'lo' },
  ])
  expect({ seq, done }).toEqual({ seq: 10, done: true })
})

test('a thought that goes on after it was measured has the time of both', () => {
  const kept = message({ parts: [{ type: 'reasoning', text: 'Let me', duration_ms: 500 }] })
  const more: TurnEvent[] = [
    { type: 'reasoning', content: ' see' },
    { type: 'reasoning', content: '', duration_ms: 700 },
  ]
  expect(play(answerOf(kept), more).message.parts).toEqual([
    { type: 'reasoning', text: 'Let me see', duration_ms: 1200 },
  ])
})

test('a replayed event changes nothing', () => {
  const whole = play(answerOf(message()))
  expect(play(whole)).toBe(whole)
  const half = play(answerOf(message()), events.slice(0, 5))
  expect(play(half).message).toEqual(whole.message)
})

test('events that a saved message covers are not added again', () => {
  const saved = message({ content: 'Hel', parts: [{ type: 'text', text: 'Hel' }], covers: 4 })
  const answer = applyEvent(answerOf(saved), 4, { type: 'chunk', content: 'Hel' })
  expect(applyEvent(answer, 5, { type: 'chunk', content: 'lo' }).message.content).toBe('Hello')
})

test('a snapshot replaces what is held, whatever its number', () => {
  const kept = message({ content: 'Kept', parts: [{ type: 'text', text: 'Kept' }] })
  const answer = applyEvent(play(answerOf(message()), events.slice(0, 7)), 3, {
    type: 'snapshot',
    message: kept,
    covers: 3,
  })
  expect(answer).toEqual({ seq: 3, message: kept, done: false })
  expect(applyEvent(answer, 4, { type: 'chunk', content: '!' }).message.content).toBe('Kept!')
})

test('an error is kept with the text that came before it', () => {
  const answer = play(answerOf(message()), [
    { type: 'chunk', content: 'Half' },
    { type: 'error', code: 'provider', message: 'It broke', retryable: true },
    { type: 'done', message_id: 2, state: 'failed', finish_reason: null, usage: null },
  ])
  expect(answer.message).toMatchObject({ content: 'Half', state: 'failed', error: { message: 'It broke' } })
})

test('a model that answers instead of another one is the one that is named', () => {
  const switched: TurnEvent[] = [
    { type: 'start', turn_id: 7, conversation_id: 1, user_message_id: 1, message_id: 2, model: 'sonata' },
    { type: 'model', model: 'demo', instead_of: 'sonata', reason: 'provider_timeout' },
    { type: 'chunk', content: 'Hello' },
  ]
  expect(play(answerOf(message()), switched).message).toMatchObject({ model: 'demo', content: 'Hello' })
})
