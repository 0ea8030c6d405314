import { infiniteQueryOptions } from '@tanstack/react-query'
import { api, dataOf, pageOf } from '../../lib/api'
import { http } from '../../lib/http'
import { problemOf } from '../../lib/problem'
import { queryClient } from '../../lib/query-client'
import { notifyError } from '../../lib/toast'
import { me } from '../accounts/queries'
import { changeConversation, conversation } from '../conversations/queries'
import type { Message } from './types'

/** What was read so shortly ago is not read again, in milliseconds. */
export const fresh = 2_000

type Page = { items: Message[]; next: string | null }

/** The visible branch. The first page is the newest; each further one holds what came before it. */
export const messagesOf = (id: number) =>
  infiniteQueryOptions({
    queryKey: ['messages', id],
    queryFn: ({ pageParam }) =>
      pageOf(
        api.GET('/api/v1/conversations/{id}/messages', {
          params: { path: { id }, query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page) => page.next,
    staleTime: fresh,
  })

/**
 * Asks for the conversation of an address as soon as it is known who is here: it is there when its page is drawn, which
 * then is drawn once.
 */
export async function askWithPage(pathname: string) {
  const id = Number(/^\/c\/(\d+)$/.exec(pathname)?.[1])
  if (!id || !(await queryClient.ensureQueryData(me).catch(() => undefined))) return
  void queryClient.prefetchQuery(conversation(id))
  void queryClient.prefetchInfiniteQuery(messagesOf(id))
}

export const inOrder = (pages: Page[]): Message[] => pages.toReversed().flatMap((page) => page.items)

export const heldMessages = (id: number): Message[] =>
  inOrder(queryClient.getQueryData(messagesOf(id).queryKey)?.pages ?? [])

export const readMessages = (id: number) => queryClient.invalidateQueries({ queryKey: messagesOf(id).queryKey })

/** Shows the branch of a message, here and wherever else the conversation is open. */
export async function showBranch(conversation: number, message: number) {
  try {
    await changeConversation(conversation, { active_message_id: message })
    await readMessages(conversation)
  } catch (error) {
    notifyError(error)
  }
}

/** Puts new messages at the end of the branch; from `replaced` on, what was there is no longer in sight. */
export function showMessages(id: number, added: Message[], replaced: number | null) {
  const key = messagesOf(id).queryKey
  // A read that is on its way knows nothing of them; what else it would have found is read again.
  const isReading = queryClient.isFetching({ queryKey: key }) > 0
  void queryClient.cancelQueries({ queryKey: key })
  const held = heldMessages(id)
  const from = replaced === null ? -1 : held.findIndex((message) => message.id === replaced)
  const fresh = new Set(added.map((message) => message.id))
  const gone = new Set([...(from < 0 ? [] : held.slice(from)).map((message) => message.id), ...fresh])
  queryClient.setQueryData(key, (data) => {
    const pages = data?.pages ?? [{ items: [], next: null }]
    const kept = pages.map((page) => ({ ...page, items: page.items.filter((message) => !gone.has(message.id)) }))
    const [newest = { items: [], next: null }, ...older] = kept
    return {
      pages: [{ ...newest, items: [...newest.items, ...added] }, ...older],
      pageParams: data?.pageParams ?? [null],
    }
  })
  if (isReading) void readMessages(id)
}

/** Sends a request that is answered by a stream. */
export async function openStream(path: string, body: unknown, key: string, signal: AbortSignal): Promise<Response> {
  const response = await http(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key, Accept: 'text/event-stream' },
    body: JSON.stringify(body),
    signal,
  })
  if (!response.ok) throw await problemOf(response)
  return response
}

export const stopTurn = (id: number) => dataOf(api.POST('/api/v1/turns/{id}/stop', { params: { path: { id } } }))
