import { type InfiniteData, infiniteQueryOptions, queryOptions, useMutation } from '@tanstack/react-query'
import { api, dataOf, pageOf } from '../../lib/api'
import { queryClient } from '../../lib/query-client'
import { notifyError } from '../../lib/toast'
import { type Page, placed, without } from './place'
import type { Conversation } from './types'

const listOf = (key: string, deleted: boolean) =>
  infiniteQueryOptions({
    queryKey: ['conversations', key],
    queryFn: ({ pageParam }) =>
      pageOf(
        api.GET('/api/v1/conversations', {
          params: {
            query: { limit: 50, ...(deleted ? { deleted } : {}), ...(pageParam ? { cursor: pageParam } : {}) },
          },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page) => page.next,
  })

/** The conversations, newest activity first. */
export const conversations = listOf('list', false)

/** What was deleted in the last 30 days. */
export const trash = listOf('trash', true)

export const conversation = (id: number) =>
  queryOptions({
    queryKey: ['conversation', id],
    queryFn: async (): Promise<Conversation> => {
      const { messages: _, ...held } = await dataOf(api.GET('/api/v1/conversations/{id}', { params: { path: { id } } }))
      return held
    },
    placeholderData: () => listed().find((one) => one.id === id),
  })

/** What the list holds now. */
export const listed = (): Conversation[] =>
  queryClient.getQueryData(conversations.queryKey)?.pages.flatMap((page) => page.items) ?? []

const mapPages = (data: InfiniteData<Page>, change: (items: Conversation[]) => Conversation[]) => ({
  ...data,
  pages: data.pages.map((page) => ({ ...page, items: change(page.items) })),
})

/** Changes one conversation wherever it is held, without asking the server. */
export function patchHeld(id: number, change: Partial<Conversation>) {
  queryClient.setQueryData(conversation(id).queryKey, (held) => held && { ...held, ...change })
  queryClient.setQueryData(
    conversations.queryKey,
    (data) => data && mapPages(data, (items) => items.map((one) => (one.id === id ? { ...one, ...change } : one))),
  )
}

/** Shows a conversation as the server has told it, new or changed, at its place in the list. */
export function placeHeld(told: Conversation) {
  const before = listed().find((one) => one.id === told.id)
  queryClient.setQueryData(conversation(told.id).queryKey, (held) => held && told)
  queryClient.setQueryData(
    conversations.queryKey,
    (data) => data && (told.archived ? without(data, told.id) : placed(data, told)),
  )
  // What is being read now may be older than this.
  const isBeingRead = queryClient.isFetching({ queryKey: conversations.queryKey }) > 0
  if (isBeingRead) void queryClient.invalidateQueries({ queryKey: ['conversations'] })
  else if (!before) void queryClient.invalidateQueries({ queryKey: trash.queryKey })
}

/** Takes out of sight what was moved to the trash, or is gone. */
export function removeHeld({ id }: Conversation) {
  queryClient.setQueryData(conversations.queryKey, (data) => data && without(data, id))
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

type Change = { title?: string; model?: string; active_message_id?: number }

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

/** Moves a conversation to the trash; it leaves the list at once. */
export async function deleteConversation(id: number) {
  await queryClient.cancelQueries({ queryKey: conversations.queryKey })
  queryClient.setQueryData(
    conversations.queryKey,
    (data) => data && mapPages(data, (items) => items.filter((one) => one.id !== id)),
  )
  try {
    await dataOf(api.DELETE('/api/v1/conversations/{id}', { params: { path: { id } } }))
    queryClient.removeQueries({ queryKey: conversation(id).queryKey })
  } finally {
    void queryClient.invalidateQueries({ queryKey: ['conversations'] })
  }
}

export async function restoreConversation(id: number) {
  await dataOf(api.POST('/api/v1/conversations/{id}/restore', { params: { path: { id } } }))
  await queryClient.invalidateQueries({ queryKey: ['conversations'] })
}

export async function deleteForEver(id: number) {
  const params = { path: { id }, query: { permanent: true } }
  await dataOf(api.DELETE('/api/v1/conversations/{id}', { params }))
  await queryClient.invalidateQueries({ queryKey: trash.queryKey })
}
