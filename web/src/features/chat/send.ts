/** Everything that makes an answer: send, edit, regenerate, continue; and stop. */
import { announce } from '../../lib/announce'
import { follow, openEvents } from '../../lib/events'
import type { Frame } from '../../lib/frames'
import { translate } from '../../lib/i18n'
import type { Problem } from '../../lib/problem'
import { queryClient } from '../../lib/query-client'
import { randomKey } from '../../lib/random-key'
import { notifyError } from '../../lib/toast'
import { me } from '../accounts/queries'
import { patchHeld, readAgain } from '../conversations/queries'
import type { FilePart } from '../files/types'
import { noteExhausted, noteTaken } from '../usage/exhausted'
import {
  arrived,
  changeDraft,
  chatPath,
  draftOf,
  moveNewDraft,
  type Place,
  putBack,
  type Queued,
  takeOut,
  type Written,
} from './drafts'
import { type Again, addEvent, changeOutgoing, holdAnswer, type Operation, setLost, setOutgoing, useLive } from './live'
import { withChoice } from './model-choice'
import { heldMessages, openStream, showMessages, stopTurn } from './queries'
import { restOf } from './rest'
import { enter, eventOf, isProblem, onEnded, receive, settle, type Tracked } from './turns'
import { isOpen, type Message, type TurnEvent } from './types'

type Started = (conversation: number) => void

const attached = (files: FilePart[]) => (files.length > 0 ? { attachments: files.map(({ id }) => id) } : {})

/** How the answers of a place are asked for. */
const asChosen = (place: Place): Again => ({ ...withChoice(place), ...draftOf(place).options })

/** Sends what is in the field, with the files that go with it. */
export function send(place: Place, text: string, model: string | null, started?: Started, files: FilePart[] = []) {
  const where = place === 'new' ? (model ? { model } : {}) : { conversation_id: place }
  const body = { message: text, ...where, ...asChosen(place), ...attached(files) }
  changeDraft(place, { files: [] })
  sendWritten(place, { path: chatPath, body, replaced: null, files }, { started })
}

/** Sends a follow-up under the key that it has had from the beginning. What is in the field stays there. */
function sendQueued(conversation: number, { text, key, files = [] }: Queued) {
  const body = { message: text, conversation_id: conversation, ...draftOf(conversation).options, ...attached(files) }
  const written = { path: chatPath, body, replaced: null, files }
  sendWritten(conversation, written, { rest: draftOf(conversation).text, key })
}

/** Says a question in other words; the files that go with it stay. */
export function edit({ id, conversation_id, parts }: Message, text: string) {
  const files = parts.filter((part) => part.type === 'file')
  const body = { message: text, ...asChosen(conversation_id) }
  const written = { path: `/api/v1/messages/${id}/edit`, body, replaced: id, files }
  sendWritten(conversation_id, written, { rest: draftOf(conversation_id).text })
}

/** `rest` is what stays in the field. A message that was refused before goes back there first. */
function sendWritten(place: Place, written: Written, more: { rest?: string; key?: string; started?: Started }) {
  const text = written.body.message
  changeDraft(place, { text: more.rest ?? '' })
  makeRoom(place, text)
  void run({ place, text, ...takeOut(place, written, more.key) }, more.started)
}

/** Asks for another answer: of another model, or at another length. */
export function regenerate({ id, conversation_id }: Message, otherwise: Again = {}) {
  const path = `/api/v1/messages/${id}/regenerate`
  const body = { ...asChosen(conversation_id), ...otherwise }
  makeRoom(conversation_id)
  void run({ place: conversation_id, path, body, key: randomKey(), text: null, replaced: id })
}

export function goOn({ id, conversation_id }: Message) {
  const path = `/api/v1/messages/${id}/continue`
  makeRoom(conversation_id)
  // It goes on with the sources that it has.
  const { use_rag: _, ...body } = asChosen(conversation_id)
  void run({ place: conversation_id, path, body, key: randomKey(), text: null, replaced: id })
}

/** Sends once more what was refused, under the same key: if it had arrived after all, it counts once. */
export function retry(place: Place, started?: Started) {
  const held = useLive.getState().outgoing[place]
  if (held) void run(held.operation, started)
}

/** Gives up a message that has not arrived; its text goes back into the field, with its key should it have arrived after all. */
export const giveUp = (place: Place) => makeRoom(place)

/** One message at a time is on its way in a place. What was before the next one is kept in the field, unless it is the same. */
function makeRoom(place: Place, next?: string) {
  const held = useLive.getState().outgoing[place]
  if (!held) return
  setOutgoing(place, null)
  if (held.begunAs !== undefined) return
  held.cancel()
  const { text, files, path } = held.operation
  if (text === null) return
  // The files of an edited question are still where they were.
  if (text !== next) putBack(place, text, path === chatPath ? files : [])
  // What the server has refused for good is a new request when it is sent again.
  const mayHaveArrived = held.state !== 'failed' || (held.problem?.status ?? 0) >= 500
  if (!mayHaveArrived) changeDraft(place, { outgoing: null, returned: null }, true)
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
          : openStream(path, body, key, abort.signal),
      onFrame: (frame) => {
        if (tracked) return receive(tracked, frame)
        tracked = begin(operation, frame, abort)
        if (tracked) started?.(tracked.conversation)
      },
      onConnection: (up) => {
        if (tracked) setLost(tracked.conversation, !up)
        else changeOutgoing(place, { state: up ? 'sending' : 'lost' })
      },
      rest: restOf(() => tracked?.turn),
    })
    // The server knows the message and has nothing to show for it: its answer was deleted, or may not be seen any more.
    if (!tracked && !abort.signal.aborted) fail(operation)
  } catch (error) {
    if (!tracked && isProblem(error)) refuse(operation, error)
  }
  if (tracked) await settle(tracked)
}

function refuse(operation: Operation, problem: Problem) {
  const { place, text, files, path } = operation
  if (problem.status !== 429 && problem.status !== 401) return fail(operation, problem)
  setOutgoing(place, null)
  if (text !== null) putBack(place, text, path === chatPath ? files : [])
  // There is a card for it, and what is in the field can be written on.
  if (noteExhausted(problem)) return
  if (problem.retryAfter) useLive.setState({ blockedUntil: Date.now() + problem.retryAfter * 1000 })
  // What has to be said about an ended session is in the dialog that appears.
  if (problem.status !== 401) notifyError(problem)
}

function fail({ place, text }: Operation, problem?: Problem) {
  if (text !== null) return changeOutgoing(place, { state: 'failed', problem })
  setOutgoing(place, null)
  notifyError(problem ?? new Error(translate('chat.noAnswer')))
}

const blank = {
  author: null,
  content: '',
  parts: [],
  usage: null,
  finish_reason: null,
  error: null,
  sources: [],
  tool_calls: [],
}

/** The answer as the first frame of a stream has it. What was sent twice may begin with a snapshot: see turns.md. */
function answerIn(event: TurnEvent, turn: number, seq: number, siblings: number[]): Message | undefined {
  if (event.type === 'snapshot') return { ...event.message, turn_id: turn, covers: event.covers }
  if (event.type !== 'start') return
  const now = new Date().toISOString()
  return {
    ...blank,
    id: event.message_id,
    conversation_id: event.conversation_id,
    parent_id: event.user_message_id,
    turn_id: turn,
    role: 'assistant',
    model: event.model,
    state: 'running',
    covers: seq,
    sibling_ids: [...siblings, event.message_id],
    timestamp: now,
    created_at: now,
  }
}

/** The server has begun: from now on the messages have ids and stand in the list. */
function begin(operation: Operation, frame: Frame, abort: AbortController): Tracked | undefined {
  const { place, text, files = [], replaced, key } = operation
  const { turn, seq, event } = eventOf(frame)
  const replacedMessage = place === 'new' ? undefined : heldMessages(place).find(({ id }) => id === replaced)
  const siblings = replacedMessage?.sibling_ids ?? []
  const answer = answerIn(event, turn, seq, text === null ? siblings : [])
  if (!answer) return

  const { conversation_id: conversation, created_at: now } = answer
  const held = heldMessages(conversation)
  const parent = replacedMessage ? replacedMessage.parent_id : (held.at(-1)?.id ?? null)
  const question: Message | null =
    text === null || answer.parent_id === null
      ? null
      : {
          ...blank,
          id: answer.parent_id,
          conversation_id: conversation,
          parent_id: parent,
          turn_id: turn,
          role: 'user',
          author: queryClient.getQueryData(me.queryKey) ?? null,
          model: answer.model,
          content: text,
          parts: text.trim() === '' ? files : [...files, { type: 'text', text }],
          state: 'completed',
          sibling_ids: [...siblings, answer.parent_id],
          timestamp: now,
          created_at: now,
        }
  const { outgoing, current, answers } = useLive.getState()
  const isHeld = held.some(({ id }) => id === answer.id)
  if (!isHeld) showMessages(conversation, question ? [question, answer] : [answer], replaced)
  if (answers[answer.id]) addEvent(answer.id, seq, event)
  else holdAnswer(answer)
  useLive.setState(({ keys }) => ({ keys: { ...keys, [question ? question.id : answer.id]: key } }))
  if (text !== null) arrived(place, key)
  if (place === 'new') moveNewDraft(conversation, current === 'new')
  if (place === 'new' && current === 'new') changeOutgoing(place, { begunAs: conversation })
  else setOutgoing(place, null)
  if (isOpen(answer)) patchHeld(conversation, { running_turn_id: turn, last_activity_at: now })
  void readAgain(conversation)
  noteTaken()
  if (outgoing[place]?.stopWanted && isOpen(answer)) void stopTurn(turn).catch(notifyError)

  const tracked = { turn, message: answer.id, conversation, seq: answer.covers ?? seq }
  enter(tracked, abort)
  return tracked
}

/** Stops what runs in a place. Before the server has answered, the wish is kept and sent then. */
export function stop(place: Place) {
  const held = useLive.getState().outgoing[place]
  if (held?.begunAs !== undefined) stop(held.begunAs)
  else if (held?.state === 'lost') giveUp(place)
  else if (held) changeOutgoing(place, { stopWanted: true })
  else if (place !== 'new') {
    const open = heldMessages(place).find((message) => isOpen(message) && !useLive.getState().answers[message.id]?.done)
    if (open?.turn_id) void stopTurn(open.turn_id).catch(notifyError)
  }
}

// A follow-up that was written meanwhile goes out when the answer before it is done. After a failure it waits in the field.
onEnded(({ conversation }, state) => {
  const { queued } = draftOf(conversation)
  const held = useLive.getState().outgoing[conversation]
  if (!queued || (held && held.state !== 'failed') || (state !== 'completed' && state !== 'stopped')) return
  changeDraft(conversation, { queued: null })
  sendQueued(conversation, queued)
})
