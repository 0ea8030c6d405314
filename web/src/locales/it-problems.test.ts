import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { byCode, bySentence, explain } from './it-problems'

/** What the server is made of, without its tests: texts that are broken over lines in one, and `{}` for what is put in. */
const sources = ['services', 'server', 'providers']
  .flatMap((crate) => {
    const root = join('../crates', crate, 'src')
    return readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => join(root, name))
  })
  .filter((name) => name.endsWith('.rs'))
  .map((name) => readFileSync(name, 'utf8').split('#[cfg(test)]')[0] ?? '')
  .join('\n')
  .replace(/\\\n\s*/g, '')
  .replace(/\{[\w.:?]*\}/g, '{}')

/** Where a code is written, other than in a `fn code`. */
const places = [
  /(?:::conflict|::forbidden|\bunavailable|::failed)\(\s*"([a-z_]+)",/g,
  /Problem::new\(\s*StatusCode::\w+,\s*"([a-z_]+)"/g,
  /\bcode: "([a-z_]+)"/g,
  /Self::new\(\s*StatusCode::\w+,\s*"([a-z_]+)"/g,
]

const found = (place: RegExp, text: string) => [...text.matchAll(place)].map(([, code = '']) => code)
const listed = sources.split('fn code(&self)').slice(1)
const codes = [
  ...new Set([
    ...places.flatMap((place) => found(place, sources)),
    ...listed.flatMap((text) => found(/=> "([a-z_]+)"/g, text.split('\n    }\n')[0] ?? '')),
  ]),
]

test('the codes are found where the server writes them', () => {
  const some = ['not_found', 'invalid', 'sign_up_closed', 'username_taken', 'too_many_waiting', 'storage_full']
  const others = ['no_such_path', 'too_slow', 'provider_timeout', 'stopping', 'setup_code_wrong', 'internal']
  expect(codes).toEqual(expect.arrayContaining([...some, ...others]))
})

test.each(codes)('%s has a sentence in Italian', (code) => {
  expect(byCode[code] ?? '').toMatch(/^[A-ZÈ].*\.$/)
})

test('there are no sentences for what the server does not say', () => {
  expect(Object.keys(byCode).filter((code) => !sources.includes(`"${code}"`))).toEqual([])
  const said = Object.keys(bySentence).flatMap((text) => text.split('{}'))
  expect(said.filter((part) => !sources.includes(part))).toEqual([])
})

test('a sentence with numbers keeps them, and what is only known by its code has that sentence', () => {
  const detail = 'Too many sign-ins from this address. Try again in 18 seconds.'
  expect(explain({ code: 'rate_limited', detail }).detail).toBe('Troppi tentativi in poco tempo. Riprova tra 18 s.')
  const provider = 'The model provider is receiving too many requests. Please try again in 7 s.'
  expect(explain({ code: 'provider_rate_limited', detail: provider }).detail).toContain('Riprova tra 7 s.')
  const unsaid = 'The model provider is receiving too many requests. Please try again in a moment.'
  expect(explain({ code: 'provider_rate_limited', detail: unsaid }).detail).toBe(byCode.provider_rate_limited)
  expect(explain({ code: 'too_large', detail: 'A text may have at most 20 MB.' }).detail).toContain('20 MB')
})

test('fields are told what is wrong with them, and the whole says which field', () => {
  const errors = [{ pointer: '/new_password', message: 'must have at least 8 characters.' }]
  const told = explain({
    code: 'invalid',
    status: 422,
    detail: '`new_password` must have at least 8 characters.',
    errors,
  })
  expect(told.errors).toEqual([{ pointer: '/new_password', message: 'Servono almeno 8 caratteri.' }])
  expect(told.detail).toBe('Nuova password: servono almeno 8 caratteri.')
})

test('what is not known keeps the words of the server', () => {
  const errors = [{ pointer: '/density', message: 'must be one of comfortable, compact.' }]
  expect(explain({ code: 'invalid', errors }).errors?.[0]?.message).toContain('must be one of comfortable')
  expect(explain({ code: 'teapot', detail: 'I am one.' }).detail).toContain('«I am one.»')
  expect(explain({ status: 502 }).detail).toContain('HTTP 502')
  expect(explain({ code: 'provider_unheard', detail: '' }).detail).toBe('')
})
