/** Reads answers aloud, one at a time, with the voices of the browser. */
import { useSyncExternalStore } from 'react'
import { create } from 'zustand'
import { queryClient } from '../../lib/query-client'
import { useLive } from './live'
import { heldMessages } from './queries'
import { inPieces, languageOf } from './spoken'
import type { Message } from './types'

/** Which message is being read. */
const useReading = create<{ message: number | null }>(() => ({ message: null }))

/** Some browsers have the way to speak and nobody to do it. */
const hasVoices = () => typeof speechSynthesis !== 'undefined' && speechSynthesis.getVoices().length > 0

// Voices are looked for when they are first asked for, and come later.
hasVoices()

function watchVoices(changed: () => void): () => void {
  if (typeof speechSynthesis === 'undefined') return () => undefined
  const voices = speechSynthesis
  voices.addEventListener('voiceschanged', changed)
  return () => voices.removeEventListener('voiceschanged', changed)
}

/** Whether this browser can read aloud. */
export const useCanRead = () => useSyncExternalStore(watchVoices, hasVoices)

/** Whether this message is being read. */
export const useIsRead = (id: number) => useReading(({ message }) => message === id)

/** What ends with the reading. */
let letGo: (() => void) | undefined

/** Reads what an answer says, in plain text, from its beginning; what was being read before is not any more. */
export function readAloud(message: Message, text: string) {
  stopReading()
  const lang = languageOf(text)
  const pieces = inPieces(text)
  useReading.setState({ message: message.id })
  const end = stopWhenGone(message)
  letGo = end
  // Who asked may have left while the words were being prepared.
  if (!isInSight(message)) return stopReading()
  for (const [index, piece] of pieces.entries()) {
    const spoken = new SpeechSynthesisUtterance(piece)
    if (lang) spoken.lang = lang
    // What was cancelled says so later, when something else may be read.
    const isOver = () => letGo === end && stopReading()
    if (index === pieces.length - 1) spoken.onend = isOver
    spoken.onerror = isOver
    speechSynthesis.speak(spoken)
  }
  if (pieces.length === 0) stopReading()
}

/** Ends the reading, if there is one. */
export function stopReading() {
  letGo?.()
  letGo = undefined
  if (useReading.getState().message === null) return
  useReading.setState({ message: null })
  speechSynthesis.cancel()
}

const isInSight = ({ id, conversation_id: conversation }: Message) =>
  useLive.getState().current === conversation && heldMessages(conversation).some((message) => message.id === id)

/** Nobody is read to from a conversation that was left, or by an answer that is out of sight. */
function stopWhenGone(message: Message): () => void {
  const check = () => {
    if (!isInSight(message)) stopReading()
  }
  const ends = [useLive.subscribe(check), queryClient.getQueryCache().subscribe(check)]
  addEventListener('pagehide', stopReading)
  return () => {
    for (const end of ends) end()
    removeEventListener('pagehide', stopReading)
  }
}
