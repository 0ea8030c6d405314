import { queryOptions } from '@tanstack/react-query'
import { api, dataOf } from '../../lib/api'
import type { ModelCard } from './types'

export const models = queryOptions({
  queryKey: ['models'],
  queryFn: () => dataOf(api.GET('/api/v1/models')),
  staleTime: 60_000,
})

export const canUse = (model: ModelCard) => model.available && model.allowed

/** The model that a new conversation starts with: the last one chosen here, else the server's. Until the list is there, the choice counts. */
export function startingModel(list: ModelCard[] | undefined, chosen: string | null): string | null {
  if (!list) return chosen
  const usable = list.filter(canUse)
  const found = usable.find((model) => model.id === chosen) ?? usable.find((model) => model.default) ?? usable[0]
  return found?.id ?? null
}
