import { expect, test } from 'vitest'
import { tidyDrawing } from './tidy-drawing'

const tidied = (inside: string, attributes = 'viewBox="0 0 100.2 50"') =>
  tidyDrawing(`<svg ${attributes}>${inside}</svg>`, false)

test('a drawing has the size of its view and is a file of its own', () => {
  const { svg, width, height } = tidied('<g/>')
  expect([width, height]).toEqual([101, 50])
  expect(svg).toMatch(/^<svg[^>]* xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
  expect(new DOMParser().parseFromString(svg, 'image/svg+xml').querySelector('parsererror')).toBeNull()
})

test('what could run or load is gone', () => {
  const { svg } = tidied(
    '<script>a()</script><image href="https://example.org/a.png" onload="a()"/><g onclick="a()" style="fill:url(https://example.org/b)"/>' +
      '<a href="javascript:a()"><text>words</text></a><use href="#kept"/><foreignObject><iframe srcdoc="x"></iframe></foreignObject>',
  )
  expect(svg).not.toMatch(/script|onload|onclick|example\.org|iframe|<a[\s>]/)
  expect(svg).toContain('words')
  expect(svg).toContain('href="#kept"')
})

test('its title and description name it', () => {
  expect(tidied('<title>A plan</title><desc>of the house</desc>').title).toBe('A plan. of the house')
})
