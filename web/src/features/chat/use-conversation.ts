import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { useVisible } from '../../lib/use-visible'
import { lookAt } from '../conversations/marks'
import { conversation } from '../conversations/queries'
import { asDraft, changeDraft, draftOf, joined, type Place } from './drafts'
import { setOutgoing, useLive } from './live'
import { inOrder, messagesOf } from './queries'
import { isFollowed, watch } from './turns'
import { isOpen, type Message } from './types'

const none: Message[] = []

/** Everything that the chat page shows of one conversation, and whether an answer is being made in it. */
export function useConversation(place: Place) {
  const id = place === 'new' ? 0 : place
  const enabled = place !== 'new'
  const held = useQuery({ ...conversation(id), enabled })
  const read = useInfiniteQuery({ ...messagesOf(id), enabled })
  const pages = read.data?.pages
  const messages = useMemo(() => (enabled && pages ? inOrder(pages) : none), [enabled, pages])
  const outgoing = useLive((state) => state.outgoing[place])
  const open = messages.filter(isOpen)
  const running = useLive((state) => open.some((message) => !state.answers[message.id]?.done))
  const busy = running || (outgoing !== undefined && outgoing.state !== 'failed')
  const settled = !enabled || (read.isSuccess && !read.isFetching)

  useEffect(() => {
    useLive.setState({ current: place })
    if (useLive.getState().outgoing.new?.begunAs) setOutgoing('new', null)
    return () => useLive.setState({ current: null })
  }, [place])

  const visible = useVisible()
  useEffect(() => (visible && place !== 'new' ? lookAt(place) : undefined), [visible, place])

  // What runs elsewhere is followed by the tab that somebody looks at.
  useEffect(() => {
    if (!visible) return
    for (const message of messages) {
      if (isOpen(message) && !useLive.getState().answers[message.id]?.done) watch(message)
    }
  }, [messages, visible])

  // A follow-up whose answer failed, or ended while nobody was here, waits in the field. A tab in the background leaves it to
  // the one in which it was written.
  useEffect(() => {
    if (!visible) return
    const { queued, text, files } = draftOf(place)
    if (queued === null || busy || !settled || isFollowed(place)) return
    const change = { text: joined(queued.text, text), files: [...asDraft(queued.files), ...files] }
    changeDraft(place, { ...change, queued: null }, true)
  }, [place, busy, settled, visible])

  return { held, read, messages, outgoing, busy }
}
