import { expect, test } from 'vitest'
import type { SearchHit } from './queries'
import { withTitles } from './use-groups'

const hit = (conversation_id: number, message_id: number | null): SearchHit => ({
  conversation_id,
  message_id,
  title: `Talk ${conversation_id}`,
  snippet: '<mark>Talk</mark>',
  role: message_id === null ? null : 'user',
  timestamp: '2026-01-01T00:00:00.000Z',
})

test('titles that only the server knows stand with the conversations, once, and messages do not', () => {
  const held = [{ id: 'c1', path: '/c/1', title: 'Talk 1', when: '2026-01-02T00:00:00.000Z' }]
  const shown = withTitles(held, [hit(3, 9), hit(2, null), hit(1, null)])
  expect(shown.map(({ path }) => path)).toEqual(['/c/1', '/c/2'])
})
