import { expect, test } from 'vitest'
import { tidyMath } from './tidy-math'

test.each([
  ['costs $5 and $10', 'costs $5 and $10'],
  ['so $a^2$ is', 'so $$a^2$$ is'],
  ['so \\(a\\) is', 'so $$a$$ is'],
  ['\\[\na = b\n\\]', '\n$$\na = b\n$$\n'],
  ['$$ a = b $$', '\n$$\na = b\n$$\n'],
  ['code `$x$ \\(a\\)` stays', 'code `$x$ \\(a\\)` stays'],
  ['```sh\necho $HOME $PATH$\n```', '```sh\necho $HOME $PATH$\n```'],
  ['$$\na\n$$', '$$\na\n$$'],
])('%j becomes %j', (text, shown) => {
  expect(tidyMath(text)).toBe(shown)
})
