import type { Message } from './types'

/** A message for tests. */
export function message(change: Partial<Message> = {}): Message {
  return {
    id: 2,
    conversation_id: 1,
    parent_id: 1,
    role: 'assistant',
    author: null,
    content: '',
    parts: [],
    state: 'running',
    turn_id: 7,
    model: null,
    usage: null,
    finish_reason: null,
    error: null,
    sources: [],
    tool_calls: [],
    timestamp: '2026-11-21T12:00:00.000Z',
    created_at: '2026-11-21T12:00:00.000Z',
    sibling_ids: [2],
    ...change,
  }
}
