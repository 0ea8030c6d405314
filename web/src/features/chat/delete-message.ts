import { api, dataOf, pageOf } from '../../lib/api'
import { readAgain } from '../conversations/queries'
import { heldMessages, readMessages } from './queries'
import type { Message } from './types'

/** How many messages go with one: itself and all that follows it, in every version. */
export async function countBelow({ id, conversation_id }: Message): Promise<number> {
  const held = heldMessages(conversation_id)
  const at = held.findIndex((message) => message.id === id)
  const following = held.slice(at + 1)
  if (at >= 0 && following.every(({ sibling_ids }) => sibling_ids.length < 2)) return 1 + following.length
  const gone = new Set([id])
  let cursor: string | null = null
  do {
    const query = { tree: true, limit: 200, ...(cursor ? { cursor } : {}) }
    const params = { path: { id: conversation_id }, query }
    const page: { items: Message[]; next: string | null } = await pageOf(
      api.GET('/api/v1/conversations/{id}/messages', { params }),
    )
    // They come oldest first: what a message follows has come before it.
    for (const message of page.items) if (gone.has(message.parent_id ?? 0)) gone.add(message.id)
    cursor = page.next
  } while (cursor)
  return gone.size
}

/** Deletes a message for good, with all that follows it, and reads what is in sight then. */
export async function deleteMessage({ id, conversation_id }: Message) {
  await dataOf(api.DELETE('/api/v1/messages/{id}', { params: { path: { id } } }))
  void readAgain(conversation_id)
  await readMessages(conversation_id)
}
