/**
 * Renews the login session: at most one request at a time, in this tab and over all tabs.
 *
 * Tabs agree by a short lease in localStorage (`navigator.locks` does not exist on plain HTTP). The lease is a courtesy:
 * should two tabs ask at once all the same, the server answers both.
 */
import { store } from './storage'

export type Refresh = 'renewed' | 'ended' | 'unreachable'

const leaseKey = 'colloquy.refresh-lease'
const renewedKey = 'colloquy.refreshed-at'
const leaseFor = 10_000
const pause = 60

let running: Promise<Refresh> | undefined

/** `since`: when the request that was refused set out. If another tab has renewed the session after that, nothing is asked. */
export function refreshSession(since: number): Promise<Refresh> {
  running ??= renew(since).finally(() => {
    running = undefined
  })
  return running
}

async function renew(since: number): Promise<Refresh> {
  const me = `${Math.random()}`
  for (;;) {
    if (Number(localStorage.getItem(renewedKey)) > since) return 'renewed'
    if (await takeLease(me)) break
    await sleep(pause)
  }
  try {
    const response = await fetch('/api/v1/auth/refresh', { method: 'POST', headers: { 'X-Colloquy-Web': '1' } })
    if (response.ok) store(renewedKey, String(Date.now()))
    if (response.ok) return 'renewed'
    return response.status === 401 || response.status === 403 ? 'ended' : 'unreachable'
  } catch {
    return 'unreachable'
  } finally {
    if (holder().owner === me) localStorage.removeItem(leaseKey)
  }
}

async function takeLease(me: string): Promise<boolean> {
  if (holder().until > Date.now()) return false
  // Where nothing can be written there is no lease, and every tab asks for itself.
  if (!store(leaseKey, JSON.stringify({ owner: me, until: Date.now() + leaseFor }))) return true
  // Another tab may have written in the same instant: the last one to write has it.
  await sleep(15)
  return holder().owner === me
}

function holder(): { owner: string; until: number } {
  try {
    const lease: unknown = JSON.parse(localStorage.getItem(leaseKey) ?? '')
    if (lease && typeof lease === 'object' && 'owner' in lease && 'until' in lease)
      return { owner: String(lease.owner), until: Number(lease.until) }
  } catch {
    // Nobody holds it.
  }
  return { owner: '', until: 0 }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
