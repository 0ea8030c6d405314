import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { themeOf } from './theme'

const tokens = readFileSync('src/styles/tokens.css', 'utf8')
const token = (dark: boolean, name: string) => {
  const block = dark ? tokens.slice(tokens.indexOf('.dark')) : tokens
  return new RegExp(`--${name}: (#\\w+)`).exec(block)?.[1]
}

test.each([false, true])('drawings have the colours of the page, dark: %s', (dark) => {
  const theme = themeOf(dark)
  expect(theme.background).toBe(token(dark, 'surface'))
  expect(theme.textColor).toBe(token(dark, 'fg'))
  expect(theme.lineColor).toBe(token(dark, 'control'))
  expect(theme.primaryColor).toBe(token(dark, 'accent-soft'))
  expect(theme.primaryBorderColor).toBe(token(dark, 'accent'))
  expect(theme.noteBkgColor).toBe(token(dark, 'warn-soft'))
  expect(theme.noteTextColor).toBe(token(dark, 'warn'))
})
