import { queryOptions } from '@tanstack/react-query'
import { api, dataOf } from '../../lib/api'
import { queryClient } from '../../lib/query-client'
import type { Month } from './stand'
import type { Usage } from './types'

export const usage = queryOptions({
  queryKey: ['usage'],
  queryFn: () => dataOf(api.GET('/api/v1/me/usage')),
  staleTime: 60_000,
})

/** Reads it again where it is shown: a message was counted, or given back. */
export const readUsage = () => void queryClient.invalidateQueries({ queryKey: usage.queryKey })

/** The month of somebody who is limited. */
export const monthOf = ({ limit, used, resets_at: resetsAt }: Usage): Month | undefined =>
  limit === null ? undefined : { limit, used, resetsAt }
