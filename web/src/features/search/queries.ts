import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, dataOf } from '../../lib/api'
import type { components } from '../../lib/schema'

export type SearchHit = components['schemas']['SearchHit']

/** Hits in titles and messages. Those of the words before stay until the new ones are there. */
export const search = (words: string) =>
  queryOptions({
    queryKey: ['search', words],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/search', { params: { query: { q: words, limit: 20 } }, signal })),
    enabled: words !== '',
    placeholderData: keepPreviousData,
  })
