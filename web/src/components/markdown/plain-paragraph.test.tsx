import { render } from '@testing-library/react'
import ReactMarkdown from 'react-markdown'
import remarkGfm from 'remark-gfm'
import remarkMath from 'remark-math'
import { expect, test } from 'vitest'
import { TooltipProvider } from '../ui/tooltip'
import { Markdown } from './markdown'
import { isPlainParagraph } from './plain-paragraph'
import { mathOptions } from './split'

const parsed = (text: string) =>
  render(<ReactMarkdown remarkPlugins={[remarkGfm, [remarkMath, mathOptions]]}>{text}</ReactMarkdown>).container
    .innerHTML

test.each([
  'The sea is wide. It was calm that day, or so they said: nobody saw it.',
  'One line\nand another, (in brackets)\n“quoted”, 12 of them',
  'Wörter, 日本語の文章。 Emoji 🙂 inside',
  'È così: l’acqua è 100% pura; e poi? #niente + altro = fine - sì!',
])('prose is plain: %j', (text) => {
  expect(isPlainParagraph(text)).toBe(true)
})

/** Pieces of which texts are made here, all that markdown gives a meaning to and some that it does not. */
const pieces = [
  ...[
    'word',
    'Two words',
    'é',
    '日本',
    '🙂',
    '"',
    '“',
    "'",
    '(',
    ')',
    ',',
    '.',
    ':',
    ';',
    '!',
    '?',
    '%',
    '=',
    '-',
    '+',
    '#',
    '/',
    '{',
    '}',
  ],
  ...[
    '\n',
    '\n',
    '\n\n',
    ' ',
    ' ',
    '  ',
    '  \n',
    '\t',
    '1',
    '1.',
    '2)',
    '12',
    'www',
    'www.a.de',
    'http:',
    'https://a.de',
    'a@b.de',
  ],
  ...[
    '*',
    '**',
    '_',
    '`',
    '~',
    '~~',
    '<b>',
    '<',
    '>',
    '|',
    '$$',
    '\\',
    '&amp;',
    '[',
    ']',
    '[a](b)',
    '---',
    '===',
    '# ',
    '- ',
    '> ',
  ],
]

/** Numbers that look like chance and are the same in each run. */
function* chance() {
  for (let state = 42; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    yield state / 2_147_483_648
  }
}

test('whatever is called plain is the same with markdown and without', () => {
  const numbers = chance()
  const next = (below: number) => Math.floor((numbers.next().value ?? 0) * below)
  let plain = 0
  for (let run = 0; run < 6_000; run += 1) {
    // Every second text has only pieces that mean nothing by themselves, or none would be plain.
    const choice = run % 2 ? pieces.slice(0, 36) : pieces
    const text = Array.from({ length: 1 + next(7) }, () => choice[next(choice.length)]).join('')
    if (!isPlainParagraph(text)) continue
    plain += 1
    const paragraph = document.createElement('p')
    paragraph.textContent = text
    expect(parsed(text), JSON.stringify(text)).toBe(paragraph.outerHTML)
    document.body.replaceChildren()
  }
  expect(plain).toBeGreaterThan(400)
})

test('a paragraph stays the same node when its first mark arrives', () => {
  const { container, rerender } = render(<Markdown text="Water is" running />, { wrapper: TooltipProvider })
  const before = container.querySelector('p')
  expect(before).toHaveTextContent('Water is')
  rerender(<Markdown text="Water is **wet**" running />)
  expect(container.querySelector('p')).toBe(before)
  expect(container.querySelector('strong')).toHaveTextContent('wet')
})
