/** What is heard of the people of a conversation. */
export type Person = { id: number; username: string; full_name: string | null }

/** Somebody who has a conversation open. */
export type Present = Person & { typing: boolean }

/** What a member wrote beside a conversation, for people. */
export type Note = {
  id: number
  conversation_id: number
  /** The message that it is about, if it is about one. */
  message_id: number | null
  /** Nobody once that account has ended. */
  author: Person | null
  content: string
  created_at: string
}

type Told = { kind: string; message: string; created_at: string }

export type PeopleNews =
  | { type: 'members'; conversation_id: number }
  | { type: 'presence'; conversation_id: number; users: Present[] }
  | { type: 'note.created'; note: Note }
  | { type: 'note.deleted'; conversation_id: number; note_id: number }
  | ({ type: 'notification' } & Told)
  | ({ type: 'broadcast' } & Told)
