import type { components } from '../../lib/schema'

export type Message = components['schemas']['Message']
export type Part = components['schemas']['Part']
export type Usage = components['schemas']['Usage']
export type MessageError = components['schemas']['MessageError']
export type ToolCall = components['schemas']['ToolCall']
export type Source = components['schemas']['Source']

/** One entry of a turn's log, as the stream tells it. */
export type TurnEvent = components['schemas']['TurnEvent']

export const isOpen = (message: Pick<Message, 'state'>) => message.state === 'running' || message.state === 'waiting'

/** The text that a person wrote or an answer says, without its thinking. */
export const textOf = (message: Message): string =>
  message.parts.length > 0
    ? message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
    : message.content
