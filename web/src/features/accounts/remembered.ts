/** Who was signed in here last: enough to show the app and the drafts while the server cannot be asked. */
import { store } from '../../lib/storage'
import type { User } from './types'

const key = 'colloquy.person'

export function remember({ id, username, full_name, preferences, role }: User) {
  store(key, JSON.stringify({ id, username, full_name, preferences, role }))
}

export const forget = () => localStorage.removeItem(key)

export function remembered(): User | undefined {
  try {
    const held: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    if (!held || typeof held !== 'object' || !('id' in held) || !('username' in held)) return undefined
    return { email: '', is_active: true, is_verified: true, created_at: '', last_login: null, ...held } as User
  } catch {
    return undefined
  }
}
