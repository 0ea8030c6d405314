/**
 * The answers that are being written, and the messages on their way to the server.
 *
 * A turn is followed here, outside of any component, so that moving between pages interrupts nothing. What is held lies
 * over the messages that were read: see `shown`.
 */
import { create } from 'zustand'
import type { Problem } from '../../lib/problem'
import type { components } from '../../lib/schema'
import { type Answer, answerOf, applyEvent } from './answer'
import type { Options, Place, Written } from './drafts'
import { drawingPause, watchDrawing } from './drawing-pace'
import { isOpen, type Message, type TurnEvent } from './types'

/** How an answer is asked for anew. What is not named is as the conversation or the model has it. */
export type Again = { model?: string; style?: Style } & Options

/** How an answer should differ from the one that is there. */
export type Style = components['schemas']['Style']

/** A request that makes an answer. */
export type Operation = {
  place: Place
  path: string
  body: Written['body'] | Again
  /** What goes with what the person wrote. */
  files?: Written['files']
  key: string
  /** What the person wrote; null if the question is already there. */
  text: string | null
  /** The message that the new ones stand in for, with all that follows it. */
  replaced: number | null
}

export type Outgoing = {
  operation: Operation
  state: 'sending' | 'lost' | 'failed'
  problem?: Problem
  cancel: () => void
  stopWanted: boolean
  /** The conversation that a new chat has become. The message stays in sight until that page has taken over. */
  begunAs?: number
}

type Live = {
  /** By message id. */
  answers: Readonly<Record<number, Answer>>
  /** By place: one message at a time is on its way in each. */
  outgoing: Readonly<Record<string, Outgoing>>
  /** Conversations whose stream is lost and being found again. */
  lost: ReadonlySet<number>
  /** A message that was shown before it had an id keeps its place in the list by the key it was sent with. */
  keys: Readonly<Record<number, string>>
  /** The conversation that is on screen. */
  current: Place | null
  /** When the server takes messages again, after it said "too many". */
  blockedUntil: number
}

export const useLive = create<Live>(() => ({
  answers: {},
  outgoing: {},
  lost: new Set(),
  keys: {},
  current: null,
  blockedUntil: 0,
}))

const without = <T>(record: Readonly<Record<string | number, T>>, key: string | number) =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== String(key)))

export function setOutgoing(place: Place, change: Outgoing | null) {
  useLive.setState(({ outgoing }) => ({
    outgoing: change ? { ...outgoing, [place]: change } : without(outgoing, place),
  }))
}

export function changeOutgoing(place: Place, change: Partial<Outgoing>) {
  const held = useLive.getState().outgoing[place]
  if (held) setOutgoing(place, { ...held, ...change })
}

export const holdAnswer = (message: Message) =>
  useLive.setState(({ answers }) => ({ answers: { ...answers, [message.id]: answerOf(message) } }))

export const dropAnswer = (id: number) => useLive.setState(({ answers }) => ({ answers: without(answers, id) }))

export function setLost(conversation: number, isLost: boolean) {
  const { lost } = useLive.getState()
  if (lost.has(conversation) === isLost) return
  const next = new Set(lost)
  if (isLost) next.add(conversation)
  else next.delete(conversation)
  useLive.setState({ lost: next })
}

const arrived: { id: number; seq: number; event: TurnEvent }[] = []
let timer: ReturnType<typeof setTimeout> | undefined
let drawnAt = 0

/** Adds an event to an answer with the next drawing. */
export function addEvent(id: number, seq: number, event: TurnEvent) {
  arrived.push({ id, seq, event })
  timer ??= setTimeout(drawArrived, Math.max(0, drawnAt + drawingPause() - performance.now()))
}

export function drawArrived() {
  clearTimeout(timer)
  timer = undefined
  drawnAt = performance.now()
  const events = arrived.splice(0)
  if (events.length === 0) return
  watchDrawing()
  useLive.setState((state) => {
    const answers = { ...state.answers }
    for (const { id, seq, event } of events) {
      const answer = answers[id]
      if (answer) answers[id] = applyEvent(answer, seq, event)
    }
    return { answers }
  })
}

/** What to show for a message: while it is being written, the answer that grows here. */
export const shown = (saved: Message, answer: Answer | undefined): Message =>
  answer && isOpen(saved) ? answer.message : saved

export const useShown = (saved: Message): Message =>
  shown(
    saved,
    useLive((state) => state.answers[saved.id]),
  )
