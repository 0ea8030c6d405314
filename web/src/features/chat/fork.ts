import { api, dataOf } from '../../lib/api'
import { queryClient } from '../../lib/query-client'
import { randomKey } from '../../lib/random-key'
import { conversation, placeHeld } from '../conversations/queries'
import type { Message } from './types'

/** Copies the branch that ends with an answer into a new conversation, and gives its id. */
export async function fork({ id, conversation_id }: Message): Promise<number> {
  const made = await dataOf(
    api.POST('/api/v1/conversations/{id}/fork', {
      params: { path: { id: conversation_id }, header: { 'Idempotency-Key': randomKey() } },
      body: { message_id: id },
    }),
  )
  queryClient.setQueryData(conversation(made.id).queryKey, made)
  placeHeld(made)
  return made.id
}
