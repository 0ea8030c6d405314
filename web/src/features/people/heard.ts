/** What is heard of the people of a conversation is shown. */
import type { News } from '../../lib/news/hub'
import { queryClient } from '../../lib/query-client'
import { notify } from '../../lib/toast'
import { showPresent, usePresent } from './present'
import type { Note } from './types'

const noticeMs = 15_000

/** The conversations that somebody is leaving in this tab: that they are gone then is no news. */
export const leaving = new Set<number>()

/** Changes the notes of a conversation, if they were read. */
export const holdNotes = (conversation: number, change: (held: Note[]) => Note[]) =>
  queryClient.setQueryData<Note[]>(['notes', conversation], (held) => held && change(held))

/** What was read of the people of conversations may be older than what has been heard since. */
export const isOfPeople = (key: unknown) => key === 'members' || key === 'invitations' || key === 'notes'

export function hearPeople(news: News) {
  switch (news.type) {
    case 'hello':
      usePresent.setState({ isHeard: true })
      break
    case 'members':
      for (const what of ['members', 'invitations'])
        void queryClient.invalidateQueries({ queryKey: [what, news.conversation_id] })
      break
    case 'presence':
      showPresent(news.conversation_id, news.users)
      break
    case 'note.created':
      holdNotes(news.note.conversation_id, (held) => [...held.filter(({ id }) => id !== news.note.id), news.note])
      break
    case 'note.deleted':
      holdNotes(news.conversation_id, (held) => held.filter(({ id }) => id !== news.note_id))
      break
    case 'notification':
    case 'broadcast':
      notify(news.message, { duration: noticeMs })
      break
  }
}
