import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, dataOf, pageOf } from '../../lib/api'
import { queryClient } from '../../lib/query-client'
import type { components } from '../../lib/schema'

export type ListedShare = components['schemas']['ListedShare']
type ShareStatus = components['schemas']['ShareStatus']

const notShared: ShareStatus = { shared: false, token: null, url: null, created_at: null, updated_at: null }
const params = (id: number) => ({ params: { path: { id } } })

/** Whether a conversation is shared, and by which link. */
export const share = (id: number) =>
  queryOptions({
    queryKey: ['share', id],
    queryFn: (): Promise<ShareStatus> => dataOf(api.GET('/api/v1/conversations/{id}/share', params(id))),
    staleTime: 0,
  })

/** Every link of the person, the newest conversation first. */
export const shares = infiniteQueryOptions({
  queryKey: ['shares'],
  queryFn: ({ pageParam }) =>
    pageOf(
      api.GET('/api/v1/shares', { params: { query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) } } }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
  staleTime: 0,
})

/** Makes a link to the conversation as it is now; a link that there is stays and shows that from now on. */
export async function shareNow(id: number) {
  const link = await dataOf(api.POST('/api/v1/conversations/{id}/share', params(id)))
  queryClient.setQueryData(share(id).queryKey, { ...link, shared: true })
}

/** From here on nobody reads it by its link. */
export async function endShare(id: number) {
  await dataOf(api.DELETE('/api/v1/conversations/{id}/share', params(id)))
  queryClient.setQueryData(share(id).queryKey, notShared)
  await queryClient.invalidateQueries(shares)
}
