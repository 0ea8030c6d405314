import { expect, test } from 'vitest'
import { plainText } from './plain-text'

test.each([
  ['# A heading\n\nSome **bold**, *emphasis*, `code`, ~~gone~~.', 'A heading\n\nSome bold, emphasis, code, gone.'],
  ['- one\n- two\n  1. nested\n  2. more\n', '• one\n• two\n  1. nested\n  2. more'],
  ['3. three\n4. four', '3. three\n4. four'],
  ['- [x] done\n- [ ] open', '☑ done\n☐ open'],
  ['> A *quotation*\n> on two lines\n\n---\n\nEnd', 'A quotation\non two lines\n\nEnd'],
  ['| a | b |\n|---|--:|\n| **1** | 2 |', 'a\tb\n1\t2'],
  ['```js\nconst a = `*b*`\n\n# not a heading\n```', 'const a = `*b*`\n\n# not a heading'],
  ['A [link](https://a.example) and https://b.example', 'A link (https://a.example) and https://b.example'],
  ['A [link][1].\n\n[1]: https://a.example', 'A link (https://a.example).'],
  ['<me@a.example>', 'me@a.example'],
  ['![A boat](https://a.example/boat.png)', 'A boat'],
  ['Said[^1].\n\n[^1]: By me.', 'Said[1].\n\n[1] By me.'],
  ['So $a^2$ and \\[b\\]', 'So a^2 and\n\nb'],
  ['one  \ntwo\\*', 'one\ntwo*'],
  ['a <b>c</b>', 'a <b>c</b>'],
  ['', ''],
])('%j becomes words', (text, words) => {
  expect(plainText(text)).toBe(words)
})
