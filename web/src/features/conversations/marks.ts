import { create } from 'zustand'

/** Conversations with an answer that nobody has looked at yet. */
export const useUnread = create<{ unread: ReadonlySet<number> }>(() => ({ unread: new Set() }))

export const markUnread = (id: number) => useUnread.setState(({ unread }) => ({ unread: new Set([...unread, id]) }))

export const markRead = (id: number) =>
  useUnread.setState((state) =>
    state.unread.has(id) ? { unread: new Set([...state.unread].filter((one) => one !== id)) } : state,
  )
