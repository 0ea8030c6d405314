import type { components } from '../../lib/schema'

/** What an account used of this month. */
export type Usage = components['schemas']['MonthUsage']
