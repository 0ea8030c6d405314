import type { components } from '../../lib/schema'

export type { Note, PeopleNews, Person, Present } from '../../lib/news/people'

export type Role = components['schemas']['MemberRole']

/** What somebody can be made by an owner. */
export type GivenRole = Exclude<Role, 'owner'>

export type Member = {
  user_id: number
  username: string
  full_name: string | null
  role: Role
  joined_at: string
}

export type Invitation = {
  id: number
  role: GivenRole
  /** Where it was mailed to: then one account can use it, once. */
  email: string | null
  url: string | null
  created_at: string
  expires_at: string
  uses: number
}

/** What an invitation says to whoever has its link. */
export type Invited = { conversation_title: string; invited_by: string; role: GivenRole; expires_at: string }

/** What somebody is called on screen. */
export const nameOf = ({ full_name, username }: { full_name: string | null; username: string }) =>
  full_name?.trim() || username
