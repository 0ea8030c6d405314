import type { components } from '../schema'

/** Somebody who has a conversation open. */
export type Present = components['schemas']['Author'] & { typing: boolean }

type Told = { kind: string; message: string; created_at: string }

/** What is heard beside what the API's description holds. */
export type PeopleNews =
  | { type: 'presence'; conversation_id: number; users: Present[] }
  | ({ type: 'notification' } & Told)
  | ({ type: 'broadcast' } & Told)
