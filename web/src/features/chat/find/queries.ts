import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, dataOf } from '../../../lib/api'

/** More places than these are not counted. */
export const most = 100

/** Where words stand in one conversation, the newest first. Those of the words before stay until the new ones are there. */
export const placesOf = (conversation: number, words: string) =>
  queryOptions({
    queryKey: ['find', conversation, words],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/api/v1/search', {
          params: { query: { q: words, conversation_id: conversation, limit: most } },
          signal,
        }),
      ),
    enabled: words !== '',
    placeholderData: keepPreviousData,
    // What is said and deleted meanwhile changes the places.
    staleTime: 0,
  })
