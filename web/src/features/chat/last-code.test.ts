import { expect, test } from 'vitest'
import { lastCode } from './last-code'

test('the last block is given as it was written', () => {
  expect(lastCode('a\n```js\none\n```\nb\n~~~\n two\n\nthree\n~~~\nc')).toBe(' two\n\nthree')
  expect(lastCode('no code, but `this`')).toBeUndefined()
  expect(lastCode('```one line```\nand text')).toBeUndefined()
})

test('a block in a list loses the indent of the list', () => {
  expect(lastCode('1. so:\n   ```py\n   if a:\n     b()\n   ```\n')).toBe('if a:\n  b()')
})

test('a longer fence holds a shorter one, and what is still being written counts', () => {
  expect(lastCode('````md\n```\ninner\n```\n````')).toBe('```\ninner\n```')
  expect(lastCode('```js\ndone\n```\n```js\nhalf')).toBe('half')
})
