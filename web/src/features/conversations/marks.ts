/** Which conversations have an answer that nobody has looked at yet: the same in all tabs, and after a reload. */
import { create } from 'zustand'
import { store } from '../../lib/storage'

/** The oldest of more are forgotten. */
const most = 500

const none: ReadonlySet<number> = new Set()

export const useUnread = create<{ unread: ReadonlySet<number> }>(() => ({ unread: none }))

/** Where those of the person are kept. */
let name: string | undefined

/** What somebody looks at in this tab. */
let inSight: number | undefined

function kept(): ReadonlySet<number> {
  if (name === undefined) return useUnread.getState().unread
  try {
    const held: unknown = JSON.parse(localStorage.getItem(name) ?? '[]')
    return Array.isArray(held) ? new Set(held.filter(Number.isInteger)) : none
  } catch {
    return none
  }
}

function keep(unread: number[]) {
  useUnread.setState({ unread: new Set(unread) })
  if (name === undefined) return
  if (unread.length > 0) store(name, JSON.stringify(unread.slice(-most)))
  else localStorage.removeItem(name)
}

export function markUnread(id: number) {
  const unread = kept()
  if (id !== inSight && !unread.has(id)) keep([...unread, id])
}

function markRead(id: number) {
  const unread = kept()
  if (unread.has(id)) keep([...unread].filter((one) => one !== id))
}

/** Somebody looks at it from here on, until the returned function is called. Other tabs may take it for unread: it is not. */
export function lookAt(id: number): () => void {
  inSight = id
  markRead(id)
  return () => {
    inSight = undefined
  }
}

/** What other tabs do to the marks is done here too. */
function follow({ key }: StorageEvent) {
  if (key !== name) return
  useUnread.setState({ unread: kept() })
  if (inSight !== undefined) markRead(inSight)
}

/** Reads the marks of a person. */
export function openMarks(person: number) {
  const wanted = `colloquy.unread.${person}`
  if (name === wanted) return
  name = wanted
  useUnread.setState({ unread: kept() })
  addEventListener('storage', follow)
}

/** A person who signs out leaves nothing behind. */
export function forgetMarks() {
  keep([])
  name = undefined
}
