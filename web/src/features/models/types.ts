import type { components } from '../../lib/schema'

export type ModelCard = components['schemas']['ModelCard']
