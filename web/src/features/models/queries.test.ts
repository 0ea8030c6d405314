import { expect, test } from 'vitest'
import { startingModel } from './queries'
import type { ModelCard } from './types'

const card = (id: string, change: Partial<ModelCard> = {}): ModelCard => ({
  id,
  name: id,
  provider: 'test',
  available: true,
  allowed: true,
  default: false,
  context: 8_000,
  capabilities: { reasoning: false, tools: false, vision: false },
  ...change,
})

test('a conversation starts with the chosen model, else the default, and with the choice until the list is there', () => {
  const list = [card('one'), card('two', { default: true }), card('three', { allowed: false })]
  expect(startingModel(list, 'one')).toBe('one')
  expect(startingModel(list, 'three')).toBe('two')
  expect(startingModel(list, null)).toBe('two')
  expect(startingModel(undefined, 'one')).toBe('one')
  expect(startingModel(undefined, null)).toBeNull()
})
