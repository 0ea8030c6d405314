import type { components } from '../../lib/schema'

export type Conversation = components['schemas']['Conversation'] & {
  /** How many people see it, the owner included. */
  member_count?: number
}
