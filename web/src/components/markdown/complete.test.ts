import { expect, test } from 'vitest'
import { complete } from './complete'

test.each([
  ['a **bol', 'a **bol**'],
  ['a **bold*', 'a **bold**'],
  ['a **bold** and', 'a **bold** and'],
  ['a **', 'a '],
  ['a *it', 'a *it*'],
  ['snake_case_name', 'snake_case_name'],
  ['2 * 3', '2 * 3'],
  ['use `cod', 'use `cod`'],
  ['use `', 'use '],
  ['see [the docs](https://exa', 'see the docs'],
  ['see [the do', 'see the do'],
  ['![pic](htt', ''],
  ['text\n---', 'text\n'],
  ['text\n#', 'text\n'],
  ['text\n- ', 'text\n'],
  ['| a | b', ''],
  ['| a | b |\n|--', ''],
  ['| a | b |\n|---|---|\n', '| a | b |\n|---|---|'],
  ['| a | b |\n|---|---|\n| 1 | 2', '| a | b |\n|---|---|\n| 1 | 2'],
  ['so \\(x + ', 'so '],
  ['so $$x + ', 'so '],
  ['$$\nx + ', ''],
  ['so $x', 'so '],
  ['so $x^2 + ', 'so '],
  ['so $x$', 'so $x$'],
  ['so $x$ and', 'so $x$ and'],
  ['it costs $5 and', 'it costs $5 and'],
  ['it costs $', 'it costs '],
  ['the $PATH variable holds', 'the $PATH variable holds'],
  ['first $a$ then $b_1', 'first $a$ then '],
  ['```js\nconst a = 1\n``', '```js\nconst a = 1\n'],
  ['```js\nconst a = **', '```js\nconst a = **'],
  ['- [ ] todo', '- [ ] todo'],
])('%j is shown as %j', (text, shown) => {
  expect(complete(text)).toBe(shown)
})

test('no prefix of a table shows its rule as text', () => {
  const text = '| a | b |\n|:--|--:|\n| 1 | 2 |'
  for (let end = 1; end < text.length; end++) expect(complete(text.slice(0, end))).not.toMatch(/^\|[^\n]*(\n[^\n-]*)?$/)
})
