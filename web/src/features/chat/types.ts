import type { components } from '../../lib/schema'

export type Message = components['schemas']['Message']
export type Part = components['schemas']['Part']
export type Usage = components['schemas']['Usage']
export type MessageError = components['schemas']['MessageError']
export type ToolCall = Extract<Part, { type: 'tool_call' }>
export type Source = Omit<Extract<Part, { type: 'source' }>, 'type'>

/** One entry of a turn's log, as the stream tells it. */
export type TurnEvent =
  | {
      type: 'start'
      turn_id: number
      conversation_id: number
      user_message_id: number
      message_id: number
      model: string | null
    }
  | { type: 'chunk'; content: string }
  | { type: 'reasoning'; content: string }
  | ({ type: 'tool' } & Partial<Omit<ToolCall, 'type'>> & Pick<ToolCall, 'id'>)
  | { type: 'sources'; sources: Source[] }
  | { type: 'title'; title: string }
  | ({ type: 'usage' } & Partial<Usage>)
  | ({ type: 'error' } & MessageError)
  | { type: 'snapshot'; message: Message; covers: number }
  | { type: 'done'; message_id: number; state: Message['state']; finish_reason: string | null; usage?: Usage | null }

export const isOpen = (message: Pick<Message, 'state'>) => message.state === 'running' || message.state === 'waiting'

/** The text that a person wrote or an answer says, without its thinking. */
export const textOf = (message: Message): string =>
  message.parts.length > 0
    ? message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
    : message.content
