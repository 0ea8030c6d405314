/**
 * What was typed and not sent yet, per conversation, in this browser.
 *
 * A message on its way stays here with its key until the server has begun with it, so that whatever happens in between it
 * can be sent again and still counts once.
 *
 * The tabs of a browser share them: each writes only what was changed in it, and shows what the others write.
 */
import { create } from 'zustand'
import { randomKey } from '../../lib/random-key'
import { store } from '../../lib/storage'
import type { DraftFile, FilePart } from '../files/types'

/** How answers are asked for. What is not named is as the model has it. */
export type Options = { temperature?: number; max_tokens?: number; use_rag?: boolean }

/** A request with words of a person in it. Path and body are all that the server compares. */
export type Written = {
  path: string
  body: { message: string; model?: string; conversation_id?: number; attachments?: number[] } & Options
  /** The message that the new ones stand in for, with all that follows it. */
  replaced: number | null
  /** What goes with it. */
  files?: FilePart[]
}
export type Sent = Written & { key: string }
export type Queued = { text: string; key: string; files?: FilePart[] }

export type Draft = {
  text: string
  /** What goes with it. Those that the server does not have yet do not survive a reload. */
  files: DraftFile[]
  /** Sent, and not known to have arrived. Its text is nowhere else. */
  outgoing: Sent | null
  /** Was outgoing, and its text is in the field again. If it is sent unchanged, it is this same request. */
  returned: Sent | null
  /** A follow-up that goes out when the answer that runs is done: once, from however many tabs. */
  queued: Queued | null
  /** Of every message that is sent from here. */
  options: Options
  /** Questions that are being said in other words, by their messages. */
  edits: Readonly<Record<number, Edit>>
}

/** The other words of a question. Those of a field that was closed wait until it is opened again. */
export type Edit = { text: string; open: boolean }

const empty: Draft = { text: '', files: [], outgoing: null, returned: null, queued: null, options: {}, edits: {} }

/** Texts one below the other, in the order in which they were written. */
export const joined = (...texts: (string | undefined)[]) => texts.filter(Boolean).join('\n\n')

/** A follow-up, and what is added to it. Other words are another request, so they get a key of their own. */
export const queuedWith = (queued: Queued | null, text: string, files: FilePart[] = []): Queued => ({
  text: joined(queued?.text, text),
  key: randomKey(),
  files: [...(queued?.files ?? []), ...files],
})

/** Files that were sent, or were about to be, as they stand at a message that is being written. */
export const asDraft = (files: FilePart[] = []): DraftFile[] =>
  files.map((sent) => ({
    key: randomKey(),
    name: sent.name,
    size: sent.size,
    kind: sent.kind,
    sent,
    problem: null,
    retryable: false,
    pasted: false,
  }))

export type Place = number | 'new'

export const chatPath = '/api/v1/chat'

const useDrafts = create<{ person: number | null; drafts: Record<string, Draft> }>(() => ({ person: null, drafts: {} }))

const prefix = (person: number) => `colloquy.draft.${person}.`
/** What was changed here, by place, and is not written yet. */
const unsaved = new Map<string, Partial<Draft>>()
/** Places that show as written again what storage still has as on its way: nothing was changed there since. */
const recovered = new Set<string>()
let timer: ReturnType<typeof setTimeout> | undefined

/** A draft as it is written. */
function keptAs(name: string): Draft {
  try {
    return { ...empty, ...JSON.parse(localStorage.getItem(name) ?? '{}') }
  } catch {
    return empty
  }
}

/** Writes what has changed. Typing is written a few times a second, also while it goes on; leaving the page does not wait. */
function save() {
  clearTimeout(timer)
  timer = undefined
  const { person } = useDrafts.getState()
  if (person !== null) {
    for (const [place, changes] of unsaved) {
      const name = prefix(person) + place
      const draft = { ...keptAs(name), ...changes }
      const kept = { ...draft, files: draft.files.filter(({ sent }) => sent) }
      const isAsked = draft.text || draft.outgoing || draft.queued || kept.files.length > 0
      const isChosen = Object.keys(draft.options).length > 0
      const isEmpty = !isAsked && !isChosen && Object.keys(draft.edits).length === 0
      // What finds no room is tried again with the next change; it must not keep a message from being sent.
      if (!isEmpty && !store(name, JSON.stringify(kept))) continue
      if (isEmpty) localStorage.removeItem(name)
      unsaved.delete(place)
    }
  }
}

globalThis.addEventListener?.('pagehide', save)
globalThis.addEventListener?.('visibilitychange', () => {
  save()
  if (!document.hidden) followAll()
})
globalThis.addEventListener?.('storage', ({ key }) => {
  const { person } = useDrafts.getState()
  if (person !== null && key?.startsWith(prefix(person))) follow(person, key.slice(prefix(person).length))
})

/** Shows what another tab has written. What is being typed here stays, and is written a moment later. */
function follow(person: number, place: string) {
  const held = useDrafts.getState().drafts[place] ?? empty
  const there = keptAs(prefix(person) + place)
  // It was on its way when this page was opened, and is so still.
  if (recovered.has(place) && there.outgoing?.key === held.returned?.key) return
  recovered.delete(place)
  const { text, returned, options } = there
  // Those that the server does not have yet are known to this tab alone, as is what a new chat waits for.
  const files = [...there.files, ...held.files.filter(({ sent }) => !sent)]
  const queued = place === 'new' ? held.queued : there.queued
  const draft = { ...held, text, files, queued, returned, options, ...unsaved.get(place) }
  useDrafts.setState(({ drafts }) => ({ drafts: { ...drafts, [place]: draft } }))
}

/** A page that was asleep has not been told. */
function followAll() {
  const { person, drafts } = useDrafts.getState()
  if (person === null) return
  const kept = Object.keys(localStorage).filter((name) => name.startsWith(prefix(person)))
  const places = new Set([...Object.keys(drafts), ...kept.map((name) => name.slice(prefix(person).length))])
  for (const place of places) follow(person, place)
}

/** Reads the drafts of a person. What was on its way when the page was closed is back in its field, under the same key. */
export function openDrafts(person: number) {
  if (useDrafts.getState().person === person) return
  save()
  unsaved.clear()
  recovered.clear()
  const drafts: Record<string, Draft> = {}
  for (const name of Object.keys(localStorage)) {
    if (!name.startsWith(prefix(person))) continue
    const place = name.slice(prefix(person).length)
    const draft = { ...keptAs(name) }
    if (draft.outgoing) {
      draft.text = joined(draft.outgoing.body.message, draft.queued?.text, draft.text)
      draft.files = [...asDraft(draft.outgoing.files), ...asDraft(draft.queued?.files), ...draft.files]
      Object.assign(draft, { outgoing: null, returned: draft.outgoing, queued: null })
      recovered.add(place)
    }
    drafts[place] = draft
  }
  useDrafts.setState({ person, drafts })
}

/** A person who signs out leaves nothing behind. */
export function forgetDrafts() {
  const { person } = useDrafts.getState()
  unsaved.clear()
  recovered.clear()
  if (person === null) return
  for (const name of Object.keys(localStorage)) if (name.startsWith(prefix(person))) localStorage.removeItem(name)
  useDrafts.setState({ person: null, drafts: {} })
}

export const draftOf = (place: Place): Draft => useDrafts.getState().drafts[place] ?? empty

/** The place in which a file is put to a message: it may have moved since. */
export function placeOfFile(key: string): Place | undefined {
  const { drafts } = useDrafts.getState()
  const place = Object.keys(drafts).find((name) => drafts[name]?.files.some((file) => file.key === key))
  return place === undefined || place === 'new' ? (place as 'new' | undefined) : Number(place)
}

export const useDraft = (place: Place): Draft => useDrafts((state) => state.drafts[place] ?? empty)

export function changeDraft(place: Place, change: Partial<Draft>, atOnce = false) {
  const name = String(place)
  const before = draftOf(place)
  const draft = { ...before, ...change }
  useDrafts.setState(({ drafts }) => ({ drafts: { ...drafts, [place]: draft } }))
  const isNew = ([field, value]: [string, unknown]) => value !== before[field as keyof Draft]
  const changes = recovered.delete(name) ? draft : Object.fromEntries(Object.entries(change).filter(isNew))
  unsaved.set(name, { ...unsaved.get(name), ...changes })
  if (atOnce) save()
  else timer ??= setTimeout(save, 250)
}

export const editOf = (place: Place, message: number): Edit | undefined => draftOf(place).edits[message]

export function keepEdit(place: Place, message: number, edit: Edit | null) {
  const { [message]: _, ...others } = draftOf(place).edits
  changeDraft(place, { edits: edit ? { ...others, [message]: edit } : others })
}

/** What was sent before with the same words, unless something else is asked for now: then it is another request. */
function sentBefore(place: Place, { path, body }: Written): Sent | undefined {
  const { outgoing, returned } = draftOf(place)
  for (const sent of [outgoing, returned]) {
    if (sent?.body.message !== body.message || `${sent.body.attachments}` !== `${body.attachments}`) continue
    const samePath = sent.path === path || path === chatPath
    const kinds = ['temperature', 'max_tokens', 'use_rag'] as const
    const isLike = kinds.every((kind) => sent.body[kind] === body[kind])
    if (sent.path === chatPath && !isLike) continue
    // A model that is not known yet, now or then, is no other model.
    if (samePath && (!sent.body.model || !body.model || sent.body.model === body.model)) return sent
  }
}

/** A request is on its way. What was sent before and is unchanged goes out as it was, under its key. */
export function takeOut(place: Place, written: Written, key?: string): Sent {
  const sent = key ? { ...written, key } : (sentBefore(place, written) ?? { ...written, key: randomKey() })
  const { text, returned } = draftOf(place)
  changeDraft(place, { outgoing: sent, returned: returned?.body.message === text ? returned : null }, true)
  return sent
}

/** The server has begun with the message: it is not on its way any more. */
export function arrived(place: Place, key: string) {
  if (draftOf(place).outgoing?.key === key) changeDraft(place, { outgoing: null }, true)
}

/** The message was not sent: it is in the field again with its files, before anything typed since. */
export function putBack(place: Place, message: string, sent: FilePart[] = []) {
  const { text, files, outgoing, returned } = draftOf(place)
  const change = { text: joined(message, text), files: [...asDraft(sent), ...files] }
  changeDraft(place, { ...change, outgoing: null, returned: outgoing ?? returned }, true)
}

/** The new chat has become a conversation: its follow-up goes there, and what is being typed too if it is on screen. */
export function moveNewDraft(conversation: number, onScreen: boolean) {
  const { text, files, queued, options } = draftOf('new')
  const there = draftOf(conversation)
  changeDraft(
    conversation,
    {
      text: onScreen ? joined(there.text, text) : there.text,
      files: onScreen ? [...there.files, ...files] : there.files,
      queued: there.queued && queued ? queuedWith(there.queued, queued.text, queued.files) : (queued ?? there.queued),
      options,
    },
    true,
  )
  changeDraft(
    'new',
    onScreen ? { text: '', files: [], queued: null, returned: null, options: {} } : { queued: null },
    true,
  )
}
