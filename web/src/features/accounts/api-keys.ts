import { queryOptions } from '@tanstack/react-query'
import { api, dataOf } from '../../lib/api'
import { queryClient } from '../../lib/query-client'
import type { components } from '../../lib/schema'

type NewApiKey = components['schemas']['NewApiKey']

/** The keys of the person's programs, the newest first. */
export const apiKeys = queryOptions({
  queryKey: ['api-keys'],
  queryFn: () => dataOf(api.GET('/api/v1/api-keys')),
  staleTime: 0,
})

/** Makes a key and gives its text, which nobody can read again. */
export async function makeKey(body: NewApiKey): Promise<string> {
  const { key } = await dataOf(api.POST('/api/v1/api-keys', { body }))
  void queryClient.invalidateQueries(apiKeys)
  return key
}

export async function revokeKey(id: number) {
  await dataOf(api.DELETE('/api/v1/api-keys/{id}', { params: { path: { id } } }))
  await queryClient.invalidateQueries(apiKeys)
}
