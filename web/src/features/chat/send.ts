/** Everything that makes an answer: send, edit, regenerate, continue; and stop. */
import { announce } from '../../lib/announce'
import { follow, openEvents } from '../../lib/events'
import { translate } from '../../lib/i18n'
import { randomKey } from '../../lib/random-key'
import { notifyError } from '../../lib/toast'
import { patchHeld, readAgain } from '../conversations/queries'
import { arrived, changeDraft, draftOf, type Place, putBack, takeOut } from './drafts'
import { changeOutgoing, holdAnswer, type Operation, setLost, setOutgoing, useLive } from './live'
import { heldMessages, openStream, showMessages, stopTurn } from './queries'
import { enter, eventOf, isProblem, onEnded, receive, settle, type Tracked } from './turns'
import { isOpen, type Message, type TurnEvent } from './types'

type Start = Extract<TurnEvent, { type: 'start' }>
type Started = (conversation: number) => void

/** Sends a message. `rest` is what stays in the field. */
export function send(place: Place, text: string, model: string | null, started?: Started, rest = '') {
  const path = '/api/v1/chat'
  const body =
    place === 'new' ? { message: text, ...(model ? { model } : {}) } : { message: text, conversation_id: place }
  const key = takeOut(place, text, JSON.stringify([path, body]), rest)
  void run({ place, path, body, key, text, replaced: null }, started)
}

export function regenerate({ id, conversation_id }: Message, model?: string) {
  const path = `/api/v1/messages/${id}/regenerate`
  const body = model ? { model } : {}
  void run({ place: conversation_id, path, body, key: randomKey(), text: null, replaced: id })
}

export function edit({ id, conversation_id }: Message, text: string) {
  const path = `/api/v1/messages/${id}/edit`
  void run({ place: conversation_id, path, body: { message: text }, key: randomKey(), text, replaced: id })
}

export function goOn({ id, conversation_id }: Message) {
  const path = `/api/v1/messages/${id}/continue`
  void run({ place: conversation_id, path, body: {}, key: randomKey(), text: null, replaced: id })
}

/** Sends once more what was refused, under the same key: if it had arrived after all, it counts once. */
export function retry(place: Place, started?: Started) {
  const held = useLive.getState().outgoing[place]
  if (held) void run(held.operation, started)
}

/** Gives up a message that has not arrived; its text goes back into the field. */
export function giveUp(place: Place) {
  const held = useLive.getState().outgoing[place]
  if (!held) return
  held.cancel()
  setOutgoing(place, null)
  if (held.operation.text !== null) putBack(place, held.operation.text)
}

async function run(operation: Operation, started?: Started) {
  const { place, path, body, key } = operation
  const abort = new AbortController()
  let tracked: Tracked | undefined
  setOutgoing(place, { operation, state: 'sending', cancel: () => abort.abort(), stopWanted: false })
  announce(translate('chat.status.answering'))
  try {
    await follow({
      signal: abort.signal,
      open: () =>
        tracked
          ? openEvents(`/api/v1/turns/${tracked.turn}/events`, `${tracked.turn}:${tracked.seq}`, abort.signal)
          : openStream(path, body, key),
      onFrame: (frame) => {
        if (tracked) return receive(tracked, frame)
        const { seq, event } = eventOf(frame)
        if (event.type !== 'start') return
        tracked = begin(operation, event, seq, abort)
        started?.(tracked.conversation)
      },
      onConnection: (up) => {
        if (tracked) setLost(tracked.conversation, !up)
        else changeOutgoing(place, { state: up ? 'sending' : 'lost' })
      },
    })
  } catch (error) {
    if (!tracked && isProblem(error)) refuse(operation, error)
  }
  if (tracked) await settle(tracked)
}

function refuse({ place, text }: Operation, problem: Error) {
  if (!isProblem(problem)) return
  if (problem.status === 429 || problem.status === 401) {
    setOutgoing(place, null)
    if (text !== null) putBack(place, text)
    if (problem.retryAfter) useLive.setState({ blockedUntil: Date.now() + problem.retryAfter * 1000 })
    // What has to be said about an ended session is in the dialog that appears.
    if (problem.status !== 401) notifyError(problem)
  } else if (text === null) {
    setOutgoing(place, null)
    notifyError(problem)
  } else changeOutgoing(place, { state: 'failed', problem })
}

/** The server has begun: from now on the messages have ids and stand in the list. */
function begin(operation: Operation, start: Start, seq: number, abort: AbortController): Tracked {
  const { place, text, replaced, key } = operation
  const { conversation_id: conversation, turn_id: turn } = start
  const held = heldMessages(conversation)
  const replacedMessage = held.find((message) => message.id === replaced)
  const parent = replacedMessage ? replacedMessage.parent_id : (held.at(-1)?.id ?? null)
  const siblings = replacedMessage?.sibling_ids ?? []
  const now = new Date().toISOString()
  const blank = {
    conversation_id: conversation,
    turn_id: turn,
    model: start.model,
    usage: null,
    finish_reason: null,
    error: null,
    sources: [],
    tool_calls: [],
    timestamp: now,
    created_at: now,
  }
  const question: Message | null =
    text === null
      ? null
      : {
          ...blank,
          id: start.user_message_id,
          parent_id: parent,
          role: 'user',
          content: text,
          parts: [{ type: 'text', text }],
          state: 'completed',
          sibling_ids: [...siblings, start.user_message_id],
        }
  const answer: Message = {
    ...blank,
    id: start.message_id,
    parent_id: start.user_message_id,
    role: 'assistant',
    content: '',
    parts: [],
    state: 'running',
    sibling_ids: question ? [start.message_id] : [...siblings, start.message_id],
  }
  const stopWanted = useLive.getState().outgoing[place]?.stopWanted
  showMessages(conversation, question ? [question, answer] : [answer], replaced)
  holdAnswer({ ...answer, covers: seq })
  useLive.setState(({ keys }) => ({ keys: { ...keys, [question ? question.id : answer.id]: key } }))
  if (place === 'new' && useLive.getState().current === 'new') changeOutgoing(place, { begunAs: conversation })
  else setOutgoing(place, null)
  if (text !== null) arrived(place)
  patchHeld(conversation, { running_turn_id: turn, last_activity_at: now })
  void readAgain(conversation)
  if (stopWanted) void stopTurn(turn).catch(notifyError)

  const tracked = { turn, message: answer.id, conversation, seq }
  enter(tracked, abort)
  return tracked
}

/** Stops what runs in a place. Before the server has answered, the wish is kept and sent then. */
export function stop(place: Place) {
  const held = useLive.getState().outgoing[place]
  if (held?.state === 'lost') giveUp(place)
  else if (held) changeOutgoing(place, { stopWanted: true })
  else if (place !== 'new') {
    const open = heldMessages(place).find((message) => isOpen(message) && !useLive.getState().answers[message.id]?.done)
    if (open?.turn_id) void stopTurn(open.turn_id).catch(notifyError)
  }
}

// A follow-up that was written meanwhile goes out when the answer before it is done. After a failure it waits in the field.
onEnded(({ conversation }, state) => {
  const { queued, text } = draftOf(conversation)
  if (queued === null || (state !== 'completed' && state !== 'stopped')) return
  changeDraft(conversation, { queued: null }, true)
  send(conversation, queued, null, undefined, text)
})
