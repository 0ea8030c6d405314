/** Following turns: from the request that starts one, or from wherever a saved answer stands, to its end. */
import { announce } from '../../lib/announce'
import { follow, openEvents } from '../../lib/events'
import type { Frame } from '../../lib/frames'
import { go } from '../../lib/go'
import { translate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { Problem } from '../../lib/problem'
import { notify } from '../../lib/toast'
import { markUnread } from '../conversations/marks'
import { listed, patchHeld, readAgain } from '../conversations/queries'
import type { Place } from './drafts'
import { addEvent, drawArrived, dropAnswer, holdAnswer, setLost, useLive } from './live'
import { heldMessages, readMessages } from './queries'
import { restOf } from './rest'
import { isOpen, type Message, type TurnEvent, textOf } from './types'

export type Tracked = { turn: number; message: number; conversation: number; seq: number }

/** Over HTTP/1.1 a browser has six connections to a host: some are left for everything else. */
const mostFollowed = 4
const followed = new Map<number, { tracked: Tracked; abort: AbortController }>()

type Ended = (tracked: Tracked, state: Message['state'] | undefined) => void
const enders = new Set<Ended>()

/** Tells when a turn that was followed here has ended. */
export const onEnded = (told: Ended) => void enders.add(told)

export function eventOf(frame: Frame): { turn: number; seq: number; event: TurnEvent } {
  const [turn, seq] = frame.id.split(':').map(Number)
  return { turn: turn ?? 0, seq: seq ?? 0, event: JSON.parse(frame.data) }
}

/** Whether the end of an answer in a conversation is still to be told. */
export const isFollowed = (conversation: Place) =>
  [...followed.values()].some(({ tracked }) => tracked.conversation === conversation)

/** Follows the turn of a saved message that is still being written. Asking twice follows once. */
export function watch(message: Message) {
  if (!message.turn_id || followed.has(message.turn_id)) return
  const tracked = {
    turn: message.turn_id,
    message: message.id,
    conversation: message.conversation_id,
    seq: message.covers ?? 0,
  }
  holdAnswer(message)
  const abort = new AbortController()
  enter(tracked, abort)
  const open = () => openEvents(`/api/v1/turns/${tracked.turn}/events`, `${tracked.turn}:${tracked.seq}`, abort.signal)
  void follow({
    open,
    signal: abort.signal,
    onFrame: (frame) => receive(tracked, frame),
    onConnection: (up) => setLost(tracked.conversation, !up),
    rest: restOf(() => tracked.turn),
  })
    .catch(() => undefined)
    .then(() => settle(tracked))
}

/** From here on a turn counts as followed, once. The oldest that is not on screen makes room. */
export function enter(tracked: Tracked, abort: AbortController) {
  followed.get(tracked.turn)?.abort.abort()
  followed.set(tracked.turn, { tracked, abort })
  if (followed.size <= mostFollowed) return
  const { current } = useLive.getState()
  for (const [turn, held] of followed) {
    if (held.tracked.conversation === current || turn === tracked.turn) continue
    followed.delete(turn)
    held.abort.abort()
    dropAnswer(held.tracked.message)
    return
  }
}

export function receive(tracked: Tracked, frame: Frame) {
  const { seq, event } = eventOf(frame)
  tracked.seq = event.type === 'snapshot' ? event.covers : seq
  if (event.type === 'title') patchHeld(tracked.conversation, { title: event.title })
  addEvent(tracked.message, seq, event)
}

/** The turn is over, or there is no more to see of it: the server's word replaces what was gathered here. */
export async function settle(tracked: Tracked) {
  if (followed.get(tracked.turn)?.tracked !== tracked) return
  followed.delete(tracked.turn)
  drawArrived()
  setLost(tracked.conversation, false)
  const answer = useLive.getState().answers[tracked.message]
  const state = answer?.done ? answer.message.state : undefined
  patchHeld(tracked.conversation, { running_turn_id: null })
  if (answer?.done) tell(tracked, answer.message)
  for (const told of enders) told(tracked, state)
  await readMessages(tracked.conversation)
  const saved = heldMessages(tracked.conversation).find((message) => message.id === tracked.message)
  if (!saved || !isOpen(saved)) dropAnswer(tracked.message)
  void readAgain(tracked.conversation)
  // The model's title for a new conversation may come after the answer.
  setTimeout(() => void readAgain(tracked.conversation), 3_000)
}

function tell({ conversation }: Tracked, message: Message) {
  const { current, outgoing } = useLive.getState()
  // A new chat may be answered before its page has its address.
  if (current === conversation || (current === 'new' && outgoing.new?.begunAs === conversation)) {
    const text = textOf(message).slice(0, 200)
    announce(
      message.state === 'completed' ? translate('chat.status.ready', { text }) : translate('chat.status.stopped'),
    )
    return
  }
  if (message.state === 'stopped') return
  markUnread(conversation)
  const title = listed().find((one) => one.id === conversation)?.title ?? ''
  notify(translate('chat.background', { title }), {
    action: { label: translate('chat.open'), perform: () => go(paths.chat(conversation)) },
  })
}

export function stopAllFollowing() {
  for (const { abort } of followed.values()) abort.abort()
  followed.clear()
  for (const { cancel } of Object.values(useLive.getState().outgoing)) cancel()
  useLive.setState({ outgoing: {} })
}

export const isProblem = (error: unknown): error is Problem => error instanceof Problem
