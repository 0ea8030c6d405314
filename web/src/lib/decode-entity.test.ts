import { expect, test } from 'vitest'
import { decodeNamedCharacterReference as decode } from './decode-entity'

test('a reference is what the browser reads it as', () => {
  expect(decode('amp')).toBe('&')
  expect(decode('nbsp')).toBe('\u00a0')
  expect(decode('rarr')).toBe('→')
  expect(decode('semi')).toBe(';')
})

test('what is no whole reference is left as it stands', () => {
  expect(decode('nonsense')).toBe(false)
  expect(decode('notit')).toBe(false)
  expect(decode('lt;<img src=x')).toBe(false)
  expect(decode('')).toBe(false)
})
