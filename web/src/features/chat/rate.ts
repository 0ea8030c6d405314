/** What the person thinks of answers: shown at once, and taken back if the server refuses it. */
import { api, dataOf } from '../../lib/api'
import { queryClient } from '../../lib/query-client'
import type { components } from '../../lib/schema'
import { notifyError } from '../../lib/toast'
import { heldMessages, messagesOf, readMessages } from './queries'
import type { Message } from './types'

type Word = components['schemas']['Feedback']

/** By message: words reach the server in the order in which they were said. */
const said = new Map<number, Promise<void>>()

/** Says it; null takes back what was said before. Gives whether the server has it. */
export async function rate({ id, conversation_id: conversation }: Message, word: Word | null): Promise<boolean> {
  const before = heldMessages(conversation).find((one) => one.id === id)?.feedback ?? null
  const isReading = queryClient.isFetching({ queryKey: messagesOf(conversation).queryKey }) > 0
  show(conversation, id, word)
  const sent = (said.get(id) ?? Promise.resolve()).then(() => tell(id, word))
  const turn = sent.then(
    () => undefined,
    () => undefined,
  )
  said.set(id, turn)
  const isLast = () => said.get(id) === turn
  try {
    const told = await sent
    if (isLast()) show(conversation, id, told ?? null)
    return true
  } catch (error) {
    notifyError(error)
    if (isLast()) show(conversation, id, before)
    return false
  } finally {
    // What was being read meanwhile may not know of it.
    if (isLast()) {
      said.delete(id)
      if (isReading) void readMessages(conversation)
    }
  }
}

async function tell(id: number, word: Word | null): Promise<Word | undefined> {
  const body = { rating: word?.rating ?? null, ...(word?.comment ? { comment: word.comment } : {}) }
  const { feedback } = await dataOf(api.POST('/api/v1/messages/{id}/feedback', { params: { path: { id } }, body }))
  return feedback
}

function show(conversation: number, id: number, word: Word | null) {
  const changed = (message: Message): Message => {
    const { feedback: _, ...rest } = message
    return word ? { ...rest, feedback: word } : rest
  }
  queryClient.setQueryData(
    messagesOf(conversation).queryKey,
    (data) =>
      data && {
        ...data,
        pages: data.pages.map((page) => ({
          ...page,
          items: page.items.map((message) => (message.id === id ? changed(message) : message)),
        })),
      },
  )
}
