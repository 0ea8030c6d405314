import type { GivenRole } from './types'

/** What an owner can make of somebody, the least first. */
export const givenRoles: GivenRole[] = ['viewer', 'commenter', 'editor']
