import type { Conversation } from './types'

export type Role = Conversation['role']

/** Whether a member with this role asks the model and changes what is there. */
export const mayWrite = (role: Role) => role === 'owner' || role === 'editor'

/** Whether a member with this role writes notes beside it. */
export const mayNote = (role: Role) => role !== 'viewer'
