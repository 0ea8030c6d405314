import { expect, test } from 'vitest'
import { samples } from './samples'
import { sectionsOf } from './sections'
import { blockStarts } from './split'

const blocks = (text: string) => {
  const starts = blockStarts(text)
  return starts.map((start, index) => text.slice(start, starts[index + 1]).trimEnd())
}

const texts = { ...samples, all: Object.values(samples).join('\n\n') }

test.each(Object.entries(texts))('%s: the sections hold the blocks of a whole parse', (_name, text) => {
  const sections = sectionsOf(text)
  if (!sections) return
  expect(sections.join('')).toBe(text)
  expect(sections.flatMap(blocks)).toEqual(blocks(text))
})

test('any two samples in one text', () => {
  const known = Object.values(samples).filter((text) => sectionsOf(text))
  expect(known.length).toBeGreaterThan(5)
  for (const one of known) {
    for (const other of known) {
      const text = `${one}\n\n${other}`
      const sections = sectionsOf(text)
      if (sections) expect(sections.flatMap(blocks)).toEqual(blocks(text))
    }
  }
})

test('a section begins with a paragraph or a heading at the margin', () => {
  expect(sectionsOf('One\nmore\n\n- a\n\n  b\n\n**Two**\n\n## Three\n\n```\n\nNot\n```\n\nFour')).toEqual([
    'One\nmore\n\n- a\n\n  b\n\n',
    '**Two**\n\n',
    '## Three\n\n```\n\nNot\n```\n\n',
    'Four',
  ])
})

test('a fence ends with a mark of its own kind and length', () => {
  const text = '````\n```\n\nNot\n~~~\n\nNot\n````\n\nYes'
  expect(sectionsOf(text)).toEqual(['````\n```\n\nNot\n~~~\n\nNot\n````\n\n', 'Yes'])
})

test.each([
  '$$\na\n\nb\n$$',
  'a \\[x\n\ny\\]',
  '[1]: https://a.example\n\nText',
  '<pre>\n\ntext\n\n</pre>',
  '- ```\n  a\n\nText',
  '> ~~~\n\nText',
  'One\r\n\r\nTwo',
])('%j is left to the parser', (text) => {
  expect(sectionsOf(text)).toBeUndefined()
})
