import { expect, test } from 'vitest'
import { readQuery } from './prefix'

test('the first sign says what is asked for, and is no word', () => {
  expect(readQuery('>dark')).toEqual({ wanted: 'commands', words: 'dark' })
  expect(readQuery('/sec')).toEqual({ wanted: 'settings', words: 'sec' })
  expect(readQuery('@')).toEqual({ wanted: 'models', words: '' })
})

test('anywhere else such a sign is text', () => {
  expect(readQuery('ada@example.org')).toEqual({ wanted: 'all', words: 'ada@example.org' })
  expect(readQuery('')).toEqual({ wanted: 'all', words: '' })
})
