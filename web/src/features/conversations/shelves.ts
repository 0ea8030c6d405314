/** The lists that the sidebar and the settings are made of, and what stands where. */
import type { InfiniteData } from '@tanstack/react-query'
import { type Page, placed, without } from './place'
import type { Conversation } from './types'

/** The name of a list: all that is not put away, the favourites, what is archived, the trash, or one group. */
export type Shelf = 'list' | 'favorites' | 'archive' | 'trash' | number

/** Whether a conversation that is not in the trash stands in a list. */
export function belongs(shelf: Shelf, { archived, favorite, group_id }: Conversation): boolean {
  if (shelf === 'archive') return archived
  if (shelf === 'trash' || archived) return false
  return shelf === 'list' || (shelf === 'favorites' ? favorite : group_id === shelf)
}

/** The list with a conversation as it is now: where it was if it has not moved, else at its place, or nowhere. */
export function shelved(data: InfiniteData<Page>, shelf: Shelf, one: Conversation): InfiniteData<Page> {
  const before = data.pages.flatMap(({ items }) => items).find(({ id }) => id === one.id)
  if (!belongs(shelf, one)) return before ? without(data, one.id) : data
  if (before?.last_activity_at !== one.last_activity_at) return placed(data, one)
  return {
    ...data,
    pages: data.pages.map((page) => ({
      ...page,
      items: page.items.map((other) => (other.id === one.id ? one : other)),
    })),
  }
}
