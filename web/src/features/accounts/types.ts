import type { components } from '../../lib/schema'

export type User = components['schemas']['User']
export type Instance = components['schemas']['Instance']
export type LoginSession = components['schemas']['LoginSession']
export type Identity = components['schemas']['Identity']
export type SignInProvider = components['schemas']['SignInProvider']
export type Chosen = components['schemas']['Preferences']
export type ApiKey = components['schemas']['ApiKey']
export type KeyScope = components['schemas']['KeyScope']
