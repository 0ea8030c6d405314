/**
 * What was typed and not sent yet, per conversation, in this browser.
 *
 * A message on its way stays here with its key until the server has begun with it, so that whatever happens in between it
 * can be sent again and still counts once.
 */
import { create } from 'zustand'
import { randomKey } from '../../lib/random-key'

export type Draft = {
  text: string
  /** Sent, and not known to have arrived. */
  outgoing: { text: string; key: string; request: string } | null
  /** A follow-up that goes out when the answer that runs is done. */
  queued: string | null
}

const empty: Draft = { text: '', outgoing: null, queued: null }

export type Place = number | 'new'

const useDrafts = create<{ person: number | null; drafts: Record<string, Draft> }>(() => ({ person: null, drafts: {} }))

const prefix = (person: number) => `colloquy.draft.${person}.`
const unsaved = new Map<string, Draft>()
let timer: ReturnType<typeof setTimeout> | undefined

/** Writes what has changed. Typing waits for a pause; leaving the page does not. */
function save() {
  clearTimeout(timer)
  const { person } = useDrafts.getState()
  if (person !== null) {
    for (const [place, draft] of unsaved) {
      const name = prefix(person) + place
      const isEmpty = !draft.text && !draft.outgoing && draft.queued === null
      if (isEmpty) localStorage.removeItem(name)
      else localStorage.setItem(name, JSON.stringify(draft))
    }
  }
  unsaved.clear()
}

globalThis.addEventListener?.('pagehide', save)
globalThis.addEventListener?.('visibilitychange', save)

/** Reads the drafts of a person. What was on its way when the page was closed is back in its field, under the same key. */
export function openDrafts(person: number) {
  if (useDrafts.getState().person === person) return
  const drafts: Record<string, Draft> = {}
  for (const name of Object.keys(localStorage)) {
    if (!name.startsWith(prefix(person))) continue
    try {
      const draft: Draft = { ...empty, ...JSON.parse(localStorage.getItem(name) ?? '{}') }
      if (draft.outgoing && !draft.text) draft.text = draft.outgoing.text
      drafts[name.slice(prefix(person).length)] = draft
    } catch {
      localStorage.removeItem(name)
    }
  }
  useDrafts.setState({ person, drafts })
}

/** A person who signs out leaves nothing behind. */
export function forgetDrafts() {
  const { person } = useDrafts.getState()
  unsaved.clear()
  if (person === null) return
  for (const name of Object.keys(localStorage)) if (name.startsWith(prefix(person))) localStorage.removeItem(name)
  useDrafts.setState({ person: null, drafts: {} })
}

export const draftOf = (place: Place): Draft => useDrafts.getState().drafts[place] ?? empty

export const useDraft = (place: Place): Draft => useDrafts((state) => state.drafts[place] ?? empty)

export function changeDraft(place: Place, change: Partial<Draft>, atOnce = false) {
  const draft = { ...draftOf(place), ...change }
  useDrafts.setState(({ drafts }) => ({ drafts: { ...drafts, [place]: draft } }))
  unsaved.set(String(place), draft)
  clearTimeout(timer)
  if (atOnce) save()
  else timer = setTimeout(save, 250)
}

/**
 * A text is on its way; `rest` stays in the field. The same request keeps its key, a changed one gets a new one.
 * `request` is all that the server compares: the path and the body.
 */
export function takeOut(place: Place, text: string, request: string, rest = ''): string {
  const { outgoing } = draftOf(place)
  const key = outgoing?.request === request ? outgoing.key : randomKey()
  changeDraft(place, { text: rest, outgoing: { text, key, request } }, true)
  return key
}

/** The server has begun with the message: nothing is on its way any more. */
export function arrived(place: Place) {
  changeDraft(place, { outgoing: null }, true)
}

/** The message was not sent: its text is in the field again, before anything typed since. */
export function putBack(place: Place, text: string) {
  const now = draftOf(place).text
  changeDraft(place, { text: now ? `${text}\n\n${now}` : text }, true)
}
