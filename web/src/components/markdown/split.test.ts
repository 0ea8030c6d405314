import { expect, test } from 'vitest'
import { samples } from './samples'
import { blockStarts, createSplitter } from './split'

const whole = (text: string) => {
  const starts = blockStarts(text)
  return starts.map((start, index) => text.slice(start, starts[index + 1]))
}

test.each(Object.entries(samples))(
  '%s, pushed character by character, give the blocks of a whole parse',
  (_name, text) => {
    const splitter = createSplitter()
    for (let end = 1; end <= text.length; end++) {
      const part = text.slice(0, end)
      expect(splitter.push(part)).toEqual(whole(part))
    }
  },
)

test('all samples in one text, in steps of any size', () => {
  const text = Object.values(samples).join('\n\n')
  for (const step of [2, 3, 7, 50]) {
    const splitter = createSplitter()
    let blocks: string[] = []
    for (let end = step; end < text.length + step; end += step) blocks = splitter.push(text.slice(0, end))
    expect(blocks).toEqual(whole(text))
  }
})

test('settled blocks stay the same strings', () => {
  const splitter = createSplitter()
  const before = splitter.push('One\n\nTwo\n\nThree')
  const after = splitter.push('One\n\nTwo\n\nThree and more\n\nFour\n')
  expect(after.slice(0, 2)).toEqual(before.slice(0, 2))
})

test('another text starts anew', () => {
  const splitter = createSplitter()
  splitter.push('One\n\nTwo\n\nThree')
  expect(splitter.push('Other\n\ntext')).toEqual(['Other\n\n', 'text'])
})
