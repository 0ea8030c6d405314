import { expect, test } from 'vitest'
import { highlight } from './highlight'

const code = 'fn main() {\n    let x: u32 = 1; // one\n    println!("{x}");\n}\n'

test('the pieces together are the code', () => {
  const pieces = highlight(code, 'rust') ?? []
  expect(pieces.map((piece) => piece.text).join('')).toBe(code)
  expect(pieces).toContainEqual({ text: 'fn', colour: 'keyword' })
  expect(pieces).toContainEqual({ text: '// one', colour: 'comment' })
})

test('a language inside another keeps its colours', () => {
  const pieces = highlight('<script>const a = 1</script>', 'html') ?? []
  expect(pieces.map((piece) => piece.text).join('')).toBe('<script>const a = 1</script>')
  expect(pieces).toContainEqual({ text: 'const', colour: 'keyword' })
})

test('an unknown language has no colours', () => {
  expect(highlight('x', 'klingon')).toBeUndefined()
})
