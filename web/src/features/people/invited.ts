import { queryOptions } from '@tanstack/react-query'
import { dataOf } from '../../lib/api'
import { ask } from './ask'
import type { Invited } from './types'

/** What an invitation leads to. It may end at any time. */
export const invited = (token: string) =>
  queryOptions({
    queryKey: ['invited', token],
    queryFn: () => dataOf(ask.GET<Invited>('/api/v1/invitations/{token}', { params: { path: { token } } })),
    staleTime: 0,
  })

/** Takes an invitation, and gives the conversation that it leads to. */
export async function accept(token: string): Promise<number> {
  const path = '/api/v1/invitations/{token}/accept'
  return (await dataOf(ask.POST<{ conversation_id: number }>(path, { params: { path: { token } } }))).conversation_id
}
