import { useEffect, useRef } from 'react'
import { api } from '../../lib/api'
import { randomKey } from '../../lib/random-key'
import { useVisible } from '../../lib/use-visible'
import { useDraft } from '../chat/drafts'
import { usePresent } from './present'
import { typingTeller } from './typing'

/** How often it is told that somebody is still here, in milliseconds. */
const beatMs = 10_000

/** Somebody is here as long as one of their tabs is. */
const tab = randomKey().slice(16)

/** Others see who is here, and learn it again soon: what gets lost is not missed. */
function tell(conversation: number, said: { typing: boolean; here?: boolean }) {
  const params = { path: { id: conversation } }
  const body = { ...said, tab }
  api.POST('/api/v1/conversations/{id}/presence', { params, body, keepalive: true }).catch(() => undefined)
}

/** Tells the others of a conversation that somebody has it open, and types. */
export function Presence({ conversation }: { conversation: number }) {
  const { text } = useDraft(conversation)
  const isVisible = useVisible()
  const isHeard = usePresent((state) => state.isHeard)
  const typing = useRef<ReturnType<typeof typingTeller>>(null)
  const before = useRef(text)

  useEffect(() => {
    const leave = () => tell(conversation, { typing: false, here: false })
    addEventListener('pagehide', leave)
    return () => {
      removeEventListener('pagehide', leave)
      leave()
    }
  }, [conversation])

  useEffect(() => {
    if (!isVisible || !isHeard) return
    const teller = typingTeller((typing) => tell(conversation, { typing }))
    const beat = () => tell(conversation, { typing: teller.isTyping() })
    typing.current = teller
    beat()
    const timer = setInterval(beat, beatMs)
    return () => {
      clearInterval(timer)
      typing.current = null
      teller.end()
    }
  }, [conversation, isVisible, isHeard])

  useEffect(() => {
    // A draft that was there before is nobody typing.
    if (before.current !== text) typing.current?.changed(text)
    before.current = text
  }, [text])

  return null
}
