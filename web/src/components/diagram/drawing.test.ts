import { expect, test } from 'vitest'
import { imageOf, readDrawing } from './drawing'

const drawing = { svg: '<svg xmlns="http://www.w3.org/2000/svg"/>', width: 10, height: 20, title: 'A plan' }

test('a drawing is taken as it is', () => {
  expect(readDrawing({ ...drawing, id: 1, other: true })).toEqual(drawing)
  expect(readDrawing({ ...drawing, title: 7 })).toEqual({ ...drawing, title: '' })
})

test.each([
  [null],
  ['<svg/>'],
  [{ ...drawing, svg: '<html></html>' }],
  [{ ...drawing, svg: 7 }],
  [{ ...drawing, svg: `<svg>${'x'.repeat(3_000_001)}` }],
  [{ ...drawing, width: 0 }],
  [{ ...drawing, width: '10' }],
  [{ ...drawing, height: Number.NaN }],
  [{ ...drawing, height: 1e9 }],
])('what is none is refused: %j', (data) => {
  expect(readDrawing(data)).toBeUndefined()
})

test('an image holds the whole drawing', () => {
  const svg = '<svg>100% of "it" & #more</svg>'
  const address = imageOf({ ...drawing, svg })
  expect(address).toMatch(/^data:image\/svg\+xml;charset=utf-8,[^#<>" ]+$/)
  expect(decodeURIComponent(address.slice(address.indexOf(',') + 1))).toBe(svg)
})
