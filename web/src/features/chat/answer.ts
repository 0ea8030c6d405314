/** How an answer grows: each event of its turn makes the next answer from the one before. */
import type { Message, Part, ToolCall, TurnEvent } from './types'

/** A message and the number of the last event that is in it. */
export type Answer = { seq: number; message: Message; done: boolean }

export const answerOf = (message: Message): Answer => ({ seq: message.covers ?? 0, message, done: false })

/** Applies one event. Events that were seen before change nothing, so a stream may be replayed; a snapshot replaces what is held. */
export function applyEvent(answer: Answer, seq: number, event: TurnEvent): Answer {
  if (event.type === 'snapshot') return { seq: event.covers, message: event.message, done: false }
  if (seq <= answer.seq) return answer
  return { seq, message: change(answer.message, event), done: event.type === 'done' }
}

function change(message: Message, event: Exclude<TurnEvent, { type: 'snapshot' }>): Message {
  switch (event.type) {
    case 'start':
      return { ...message, model: event.model, state: 'running' }
    case 'model':
      return { ...message, model: event.model }
    case 'chunk':
      return {
        ...message,
        state: 'running',
        content: message.content + event.content,
        parts: append(message.parts, 'text', event.content),
      }
    case 'reasoning':
      return { ...message, state: 'running', parts: withThought(message.parts, event) }
    case 'tool':
      return { ...message, parts: withTool(message.parts, event) }
    case 'sources':
      return { ...message, sources: event.sources }
    case 'error':
      return { ...message, error: { code: event.code, message: event.message, retryable: event.retryable } }
    case 'done':
      return { ...message, state: event.state, finish_reason: event.finish_reason, usage: event.usage ?? message.usage }
    case 'title':
    case 'usage':
      return message
  }
}

/** More of a thought, or how long it was. */
function withThought(parts: Part[], told: Extract<TurnEvent, { type: 'reasoning' }>): Part[] {
  const thought = append(parts, 'reasoning', told.content)
  const last = thought.at(-1)
  if (told.duration_ms === undefined || last?.type !== 'reasoning') return thought
  return thought.with(-1, { ...last, duration_ms: (last.duration_ms ?? 0) + told.duration_ms })
}

function append(parts: Part[], type: 'text' | 'reasoning', text: string): Part[] {
  const last = parts.at(-1)
  if (last?.type !== type) return [...parts, { type, text }]
  return parts.with(-1, { ...last, text: last.text + text })
}

function withTool(parts: Part[], told: ToolCall): Part[] {
  const call = { ...told, type: 'tool_call' } as const
  const at = parts.findIndex((part) => part.type === 'tool_call' && part.id === told.id)
  return at < 0 ? [...parts, call] : parts.with(at, call)
}
