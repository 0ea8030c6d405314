import type { Key } from '../../lib/i18n'

/** The tabs of the settings, as the address and a person name them. */
export const tabs = [
  { name: 'general', label: 'settings.general' },
  { name: 'profile', label: 'settings.profile' },
  { name: 'security', label: 'settings.security' },
  { name: 'model', label: 'settings.model' },
  { name: 'plan', label: 'settings.plan' },
  { name: 'data', label: 'settings.data' },
  { name: 'shortcuts', label: 'settings.shortcuts' },
] as const satisfies { name: string; label: Key }[]

export type Tab = (typeof tabs)[number]['name']
