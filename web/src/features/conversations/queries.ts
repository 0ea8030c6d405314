import { type InfiniteData, infiniteQueryOptions, queryOptions, useMutation } from '@tanstack/react-query'
import { api, dataOf, pageOf } from '../../lib/api'
import { queryClient } from '../../lib/query-client'
import { notifyError } from '../../lib/toast'
import { type Page, without } from './place'
import { type Shelf, shelved } from './shelves'
import type { Conversation } from './types'

const filterOf = (shelf: Shelf) => {
  if (typeof shelf === 'number') return { group: shelf }
  return { list: {}, favorites: { favorite: true }, archive: { archived: true }, trash: { deleted: true } }[shelf]
}

/** One list, newest activity first. */
export const shelf = (name: Shelf) =>
  infiniteQueryOptions({
    queryKey: ['conversations', name],
    queryFn: ({ pageParam }) =>
      pageOf(
        api.GET('/api/v1/conversations', {
          params: { query: { limit: 50, ...filterOf(name), ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page) => page.next,
  })

/** The conversations that are not put away. */
export const conversations = shelf('list')

export const favorites = shelf('favorites')

export const archive = shelf('archive')

/** What was deleted in the last 30 days. */
export const trash = shelf('trash')

/** All conversations of these lists, read to the end. */
export async function everyConversation(shelves: Shelf[]): Promise<Conversation[]> {
  const all = new Map<number, Conversation>()
  for (const name of shelves) {
    let cursor: string | null = null
    do {
      const query = { limit: 200, ...filterOf(name), ...(cursor ? { cursor } : {}) }
      const page: Page = await pageOf(api.GET('/api/v1/conversations', { params: { query } }))
      for (const one of page.items) all.set(one.id, one)
      cursor = page.next
    } while (cursor)
  }
  return [...all.values()]
}

export const conversation = (id: number) =>
  queryOptions({
    queryKey: ['conversation', id],
    queryFn: async (): Promise<Conversation> => {
      const params = { path: { id }, query: { messages: 0 } }
      const { messages: _, ...held } = await dataOf(api.GET('/api/v1/conversations/{id}', { params }))
      return held
    },
    placeholderData: () => listed().find((one) => one.id === id),
  })

/** What the list holds now. */
export const listed = (): Conversation[] =>
  queryClient.getQueryData(conversations.queryKey)?.pages.flatMap((page) => page.items) ?? []

type HeldList = [Shelf, InfiniteData<Page>]

/** Every list that has been read. */
const heldLists = (): HeldList[] =>
  queryClient
    .getQueriesData<InfiniteData<Page>>({ queryKey: ['conversations'] })
    .flatMap(([key, data]) => (data ? [[key[1] as Shelf, data] as HeldList] : []))

/** A conversation as some list holds it. */
function inLists(id: number): Conversation | undefined {
  for (const [name, { pages }] of heldLists()) {
    if (name === 'trash') continue
    for (const { items } of pages) for (const one of items) if (one.id === id) return one
  }
  return undefined
}

/** A conversation as it is held here. */
export const heldConversation = (id: number) => inLists(id) ?? queryClient.getQueryData(conversation(id).queryKey)

/** Shows a conversation as it is now in every list that it belongs to. */
export function shelve(one: Conversation) {
  for (const [name, data] of heldLists()) {
    if (name !== 'trash') queryClient.setQueryData(shelf(name).queryKey, shelved(data, name, one))
  }
}

/** Changes one conversation wherever it is held, without asking the server. */
export function patchHeld(id: number, change: Partial<Conversation>) {
  queryClient.setQueryData(conversation(id).queryKey, (held) => held && { ...held, ...change })
  // One that no list holds may be in the trash.
  const held = inLists(id)
  if (held) shelve({ ...held, ...change })
}

/** Shows a conversation as the server has told it, new or changed, at its place in each list. */
export function placeHeld(told: Conversation) {
  const before = inLists(told.id)
  queryClient.setQueryData(conversation(told.id).queryKey, (held) => held && told)
  shelve(told)
  // What is being read now may be older than this.
  const isBeingRead = queryClient.isFetching({ queryKey: ['conversations'] }) > 0
  if (isBeingRead) readListsAgain()
  else if (!before) void queryClient.invalidateQueries({ queryKey: trash.queryKey })
}

/** Reads every list in sight again. What is being read for the first time is older too: left alone, it would count as this. */
export async function readLists() {
  await queryClient.cancelQueries({ queryKey: ['conversations'] })
  await queryClient.invalidateQueries({ queryKey: ['conversations'] })
}

let again: { isWanted: boolean } | undefined

/** At once, and of all that is wanted shortly after, once more: news of a hundred conversations come together. */
function readListsAgain() {
  if (again) {
    again.isWanted = true
    return
  }
  void readLists()
  const held = { isWanted: false }
  again = held
  setTimeout(() => {
    again = undefined
    if (held.isWanted) readListsAgain()
  }, 100)
}

/** Takes a conversation out of every list but the trash. */
export function hideHeld(id: number) {
  for (const [name, data] of heldLists()) {
    if (name !== 'trash') queryClient.setQueryData(shelf(name).queryKey, without(data, id))
  }
}

/** Takes out of sight what was moved to the trash, or is gone. */
export function removeHeld({ id }: Conversation) {
  hideHeld(id)
  void queryClient.invalidateQueries({ queryKey: trash.queryKey })
  void queryClient.invalidateQueries({ queryKey: conversation(id).queryKey })
}

/** Reads one conversation and the list again. */
export function readAgain(id: number) {
  return Promise.all([
    queryClient.invalidateQueries({ queryKey: conversation(id).queryKey }),
    queryClient.invalidateQueries({ queryKey: conversations.queryKey }),
  ])
}

type Change = { title?: string; model?: string; instructions?: string | null; active_message_id?: number }

export async function changeConversation(id: number, body: Change): Promise<Conversation> {
  const changed = await dataOf(api.PATCH('/api/v1/conversations/{id}', { params: { path: { id } }, body }))
  patchHeld(id, changed)
  return changed
}

/** A title or a model is shown at once and taken back if the server refuses it. */
export function useChangeConversation(id: number) {
  return useMutation({
    mutationFn: (change: { title?: string; model?: string }) => changeConversation(id, change),
    onMutate: (change) => patchHeld(id, change),
    onError: (error) => {
      notifyError(error)
      void readAgain(id)
    },
  })
}

export async function deleteForEver(id: number) {
  const params = { path: { id }, query: { permanent: true } }
  await dataOf(api.DELETE('/api/v1/conversations/{id}', { params }))
  await queryClient.invalidateQueries({ queryKey: trash.queryKey })
}
