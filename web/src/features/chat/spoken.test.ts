import { expect, test } from 'vitest'
import { inPieces, languageOf } from './spoken'

test('lines are said one by one, and long ones by their sentences', () => {
  const long = `${'word '.repeat(30).trim()}. `
  expect(inPieces(`Title\n\n• one\n---\n${long}${long}`)).toEqual(['Title', '• one', long.trim(), long.trim()])
})

test('nothing is lost of what has no sentences, and no piece is too long', () => {
  for (const text of ['x'.repeat(950), 'many words '.repeat(100).trim(), '字'.repeat(450)]) {
    const pieces = inPieces(text)
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(200)
    expect(pieces.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
  }
})

test.each([
  ['en', 'The herons of the lake are white, and this is what you see with them.'],
  ['it', 'Gli aironi del lago sono bianchi, e questo è il motivo per cui sono più visibili.'],
  ['de', 'Der Reiher ist ein Vogel, und die Fische sind nicht für ihn gemacht.'],
  ['ja', '湖のサギは白いです。'],
  ['zh', '湖上的苍鹭是白色的。'],
  ['ru', 'Цапли на озере белые.'],
  [undefined, 'Ok 42'],
])('the language %s is told', (language, text) => {
  expect(languageOf(text)).toBe(language)
})
