import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const source = readFileSync('src/styles/tokens.css', 'utf8')

function tokens(selector: string): Record<string, string> {
  const block = source.slice(source.indexOf(`\n${selector} {`))
  const held = block.slice(0, block.indexOf('\n}'))
  return Object.fromEntries([...held.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1], match[2]]))
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

const code = ['keyword', 'string', 'comment', 'number', 'function', 'type'].map((name) => `code-${name}`)

const text: [string, string][] = [
  ['fg', 'bg'],
  ['fg', 'user'],
  ['fg', 'surface'],
  ['fg', 'elevated'],
  ['fg-2', 'bg'],
  ['fg-2', 'surface'],
  ['muted', 'bg'],
  ['muted', 'user'],
  ['muted', 'surface'],
  ['muted', 'elevated'],
  ['accent-fg', 'accent'],
  ['accent-text', 'bg'],
  ['accent-text', 'accent-soft'],
  ['danger', 'bg'],
  ['danger', 'danger-soft'],
  ['warn', 'bg'],
  ['warn', 'warn-soft'],
  ['ok', 'bg'],
  ['ok', 'ok-soft'],
  ['info', 'bg'],
  ...code.map((name): [string, string] => [name, 'surface']),
]

const shapes: [string, string][] = [
  ['control', 'bg'],
  ['control', 'elevated'],
  ['ring', 'bg'],
]

for (const theme of [':root', '.dark']) {
  const held = tokens(theme)
  const ratio = ([a, b]: [string, string]) => contrast(held[a] ?? '', held[b] ?? '')
  test.each(text)(`${theme}: %s can be read on %s`, (...pair) => {
    expect(ratio(pair)).toBeGreaterThanOrEqual(pair[0].startsWith('code-') ? 5.4 : 4.5)
  })
  test.each(shapes)(`${theme}: %s is visible on %s`, (...pair) => {
    expect(ratio(pair)).toBeGreaterThanOrEqual(3)
  })
}
