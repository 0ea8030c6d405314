import type { components } from '../../lib/schema'

export type Plan = components['schemas']['Plan']
export type Price = components['schemas']['Price']
export type Payment = components['schemas']['Payment']
export type Subscription = components['schemas']['Subscription']
