import { queryOptions } from '@tanstack/react-query'
import { api, dataOf } from '../../lib/api'

/** What an invitation leads to. It may end at any time. */
export const invited = (token: string) =>
  queryOptions({
    queryKey: ['invited', token],
    queryFn: () => dataOf(api.GET('/api/v1/invitations/{token}', { params: { path: { token } } })),
    staleTime: 0,
  })

/** Takes an invitation, and gives the conversation that it leads to. */
export async function accept(token: string): Promise<number> {
  return (await dataOf(api.POST('/api/v1/invitations/{token}/accept', { params: { path: { token } } }))).conversation_id
}
