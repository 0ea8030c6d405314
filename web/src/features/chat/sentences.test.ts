import { expect, test } from 'vitest'
import { inSentences, wholeSentences } from './sentences'

test.each([
  ['', ''],
  ['One is', ''],
  ['One is done. Two is', 'One is done. '],
  ['Is it? "Yes." And', 'Is it? "Yes." '],
  ['It is **so.** And', 'It is **so.** '],
  ['3.14 is less than', ''],
  ['He said. 1. Fir', 'He said. 1. '],
  ['First:\n1. One item', 'First:\n'],
  ['| a | b |\n| 1 |', '| a | b |\n'],
  ['```js\nlet a = 1\nlet b', '```js\nlet a = 1\n'],
  ['終わり。次の', '終わり。'],
])('of %j there is %j', (text, whole) => {
  expect(wholeSentences(text)).toBe(whole)
})

test('a sentence without an end is not waited for for ever', () => {
  const words = 'word '.repeat(100)
  expect(wholeSentences(`${words}wor`)).toBe(words)
})

test('only what grows at the end is cut', () => {
  const reasoning = { type: 'reasoning', text: 'Half a' } as const
  const text = { type: 'text', text: 'One. Tw' } as const
  expect(inSentences([reasoning, text])).toEqual([reasoning, { type: 'text', text: 'One. ' }])
  expect(inSentences([reasoning, { type: 'text', text: 'On' }])).toEqual([reasoning])
  expect(inSentences([reasoning])).toEqual([{ type: 'reasoning', text: '' }])
  expect(inSentences([])).toEqual([])
})
