import { queryOptions } from '@tanstack/react-query'
import { api, dataOf } from '../../lib/api'
import type { components } from '../../lib/schema'

export type SharedConversation = components['schemas']['SharedConversation']
export type SharedMessage = components['schemas']['SharedMessage']
export type SharedPart = components['schemas']['SharedPart']

/** What a link shows. It may end at any time, so that coming back asks again. */
export const shared = (token: string) =>
  queryOptions({
    queryKey: ['shared', token],
    queryFn: () => dataOf(api.GET('/api/v1/shared/{token}', { params: { path: { token } } })),
    staleTime: 0,
  })

/** Copies what a link shows into a conversation of one's own, and gives its id. With the same key it is copied once. */
export async function takeOver(token: string, key: string): Promise<number> {
  const params = { path: { token }, header: { 'Idempotency-Key': key } }
  return (await dataOf(api.POST('/api/v1/shared/{token}/continue', { params }))).id
}
