import type { components } from '../../lib/schema'

export type Present = components['schemas']['Present']
export type Member = components['schemas']['Member']
export type GivenRole = components['schemas']['GivenRole']
export type Invitation = components['schemas']['Invitation']
export type Note = components['schemas']['Note']

/** What an invitation says to whoever has its link. */
export type Invited = components['schemas']['InvitationView']

/** What somebody is called on screen. */
export const nameOf = ({ full_name, username }: { full_name: string | null; username: string }) =>
  full_name?.trim() || username
