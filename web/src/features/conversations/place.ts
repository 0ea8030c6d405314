import type { InfiniteData } from '@tanstack/react-query'
import type { Conversation } from './types'

export type Page = { items: Conversation[]; next: string | null }

/** The same list without one conversation. */
export const without = (data: InfiniteData<Page>, id: number): InfiniteData<Page> => ({
  ...data,
  pages: data.pages.map((page) => ({ ...page, items: page.items.filter((one) => one.id !== id) })),
})

/** The list with one conversation as it is now, where its last activity puts it. What lies beyond the last page is read later. */
export function placed(data: InfiniteData<Page>, one: Conversation): InfiniteData<Page> {
  const { pages, pageParams } = without(data, one.id)
  const at = pages.findIndex(({ items }) => items.some((other) => isAfter(other, one)))
  const last = pages.length - 1
  if (at < 0 && pages[last]?.next) return { pages, pageParams }
  const page = at < 0 ? last : at
  return {
    pageParams,
    pages: pages.map((held, index) => {
      if (index !== page) return held
      const before = held.items.filter((other) => !isAfter(other, one))
      return { ...held, items: [...before, one, ...held.items.slice(before.length)] }
    }),
  }
}

/** Newest activity first, and of the same moment the newer conversation. */
const isAfter = (other: Conversation, one: Conversation) =>
  other.last_activity_at === one.last_activity_at ? other.id < one.id : other.last_activity_at < one.last_activity_at
