import { create } from 'zustand'

/** Conversations with an answer that nobody has looked at yet. */
export const useUnread = create<{ unread: ReadonlySet<number> }>(() => ({ unread: new Set() }))

export const markUnread = (id: number) => useUnread.setState(({ unread }) => ({ unread: new Set([...unread, id]) }))

const forget = (id: number) =>
  useUnread.setState((state) =>
    state.unread.has(id) ? { unread: new Set([...state.unread].filter((one) => one !== id)) } : state,
  )

/** What is read in one tab is read in all of them. */
const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('colloquy.read') : undefined
channel?.addEventListener('message', ({ data }) => {
  if (typeof data === 'number') forget(data)
})

/** Somebody looks at it. */
export function markRead(id: number) {
  forget(id)
  channel?.postMessage(id)
}
