import type { components } from '../../lib/schema'

export type Conversation = components['schemas']['Conversation']
