import { expect, test } from 'vitest'
import { translate } from '../../lib/i18n'
import { detailsOf } from './about-message'
import { message } from './test-message'

const words = (one: Parameters<typeof detailsOf>[0]) =>
  Object.fromEntries(detailsOf(one, translate).map(([key, value]) => [translate(key), value]))

const usage = { prompt_tokens: 1200, completion_tokens: 30, reasoning_tokens: 0, estimated: false }

test('an answer says its model, what it cost and how it ended', () => {
  const answer = message({ model: 'sonata', state: 'completed', finish_reason: 'stop', usage })
  const { Written, ...rest } = words(answer)
  expect(Written).toContain('2026')
  expect(rest).toEqual({
    Model: 'sonata',
    'Tokens of the prompt': '1,200',
    'Tokens of the answer': '30',
    Ended: 'The model was done',
    State: 'Complete',
  })
})

test('figures that no provider sent are called estimated, and thinking is counted where there was some', () => {
  const guessed = { ...usage, reasoning_tokens: 7, estimated: true }
  const said = words(message({ state: 'stopped', usage: guessed, finish_reason: 'odd_word' }))
  expect(said).toMatchObject({
    'Tokens of the answer': '30 (estimated)',
    'Of these, for thinking': '7 (estimated)',
    Ended: 'odd_word',
    State: 'Stopped',
  })
})

test('a question says when it was written', () => {
  expect(Object.keys(words(message({ role: 'user', state: 'completed' })))).toEqual(['Written'])
})
