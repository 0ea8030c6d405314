import { expect, test } from 'vitest'
import { en as everywhere } from './en'
import { enBilling } from './en-billing'
import { enInvite } from './en-invite'
import { enPerson } from './en-person'
import { it } from './it'

const en = { ...everywhere, ...enPerson, ...enInvite, ...enBilling }

const forms = (entry: string | { one: string; other: string }) =>
  typeof entry === 'string' ? [entry] : [entry.one, entry.other]
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()

test('every language has the same keys', () => {
  expect(Object.keys(it).sort()).toEqual(Object.keys(en).sort())
})

test.each(Object.keys(en) as (keyof typeof en)[])('%s has words and the same holes in every language', (key) => {
  const words = [...forms(en[key]), ...forms(it[key])]
  for (const text of words) {
    expect(text.trim()).not.toBe('')
    expect(holes(text)).toEqual(holes(words[0] ?? ''))
  }
})

test('no component holds words of its own', () => {
  const files = import.meta.glob<string>('../**/*.tsx', { query: '?raw', import: 'default', eager: true })
  for (const [name, source] of Object.entries(files)) {
    // The page of components is sample text, and in development builds only.
    if (name.includes('.test.') || name.endsWith('/components-page.tsx')) continue
    const found = [
      ...source.matchAll(/(?:aria-label|placeholder|title|alt)="[^"]*[a-z]{3}/g),
      ...source.matchAll(/^\s*[A-Z][a-z]+(?: [a-z]+)+[.!?]?$/gm),
      ...source.matchAll(/<(?:p|span|button|h\d|label|Button)[^<>=]*>[A-Za-z][^<>{}]*<\//g),
    ].map((match) => match[0].trim())
    expect(found, name).toEqual([])
  }
})
