import type { Conversation } from './types'

/** A conversation for tests. */
export const talk = (change: Partial<Conversation> = {}): Conversation => ({
  id: 1,
  title: `Talk ${change.id ?? 1}`,
  model: null,
  instructions: null,
  role: 'owner',
  group_id: null,
  favorite: false,
  archived: false,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  last_activity_at: '2026-01-01T00:00:00.000Z',
  member_count: 1,
  message_count: 0,
  active_message_id: null,
  running_turn_id: null,
  ...change,
})
