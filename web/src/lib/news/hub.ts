/**
 * The one connection to the news of a browser profile, and the tabs that it is for.
 *
 * It lasts while a tab listens. A tab hears nothing of anybody but the person it shows: should somebody else sign in in
 * another tab, the connection is made anew in that name.
 */
import { readEvents } from '../frames'
import { pause } from '../pause'
import type { components } from '../schema'

export type News = components['schemas']['LiveEvent']

export type FromTab = { listen: number } | 'leave' | 'renewed' | 'ended' | 'unreachable'

/** `expired`: when the request that was refused set out. The tab renews the session and says how that went. */
export type ToTab = { news: News } | { up: boolean } | { expired: number }

type Tell = (message: ToTab) => void

type Options = {
  open: (signal: AbortSignal) => Promise<Response>
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** A tab that does not answer is hidden and asleep, or gone. */
const patience = 10_000

export function newsHub({ open, wait = pause }: Options) {
  const tabs = new Map<Tell, number>()
  let person = 0
  let up = false
  let connection: AbortController | undefined
  let answered: ((outcome: 'renewed' | 'ended' | 'unreachable') => void) | undefined

  function tell(message: ToTab) {
    for (const [tab, shown] of tabs) if (shown === person) tab(message)
  }

  function setUp(now: boolean) {
    if (up !== now) tell({ up: now })
    up = now
  }

  async function listen({ signal }: AbortController) {
    let attempt = 0
    while (!signal.aborted) {
      try {
        const setOut = Date.now()
        const response = await open(signal)
        if (response.status === 401) {
          const outcome = await renew(setOut, signal)
          if (outcome === 'ended') return stop()
          if (outcome === 'renewed' && attempt === 0) {
            attempt = 1
            continue
          }
        } else if (response.ok) {
          await readEvents(
            response,
            ({ data }) => {
              if (signal.aborted) return
              attempt = 0
              setUp(true)
              tell({ news: JSON.parse(data) })
            },
            signal,
          )
        }
      } catch {
        // The server is out of reach.
      }
      if (signal.aborted) return
      setUp(false)
      await wait(Math.min(8_000, 250 * 2 ** attempt), signal)
      attempt += 1
    }
  }

  /** All tabs are asked; among themselves, one renews. */
  function renew(setOut: number, signal: AbortSignal) {
    return new Promise<'renewed' | 'ended' | 'unreachable'>((resolve) => {
      const timer = setTimeout(() => resolve('unreachable'), patience)
      answered = (outcome) => {
        clearTimeout(timer)
        resolve(outcome)
      }
      signal.addEventListener('abort', () => answered?.('unreachable'))
      tell({ expired: setOut })
    })
  }

  function stop() {
    connection?.abort()
    connection = undefined
    setUp(false)
  }

  return {
    hear(tab: Tell, said: FromTab) {
      if (said === 'leave') {
        tabs.delete(tab)
        if (tabs.size === 0) stop()
      } else if (typeof said === 'string') {
        answered?.(said)
      } else {
        tabs.set(tab, said.listen)
        if (said.listen !== person) stop()
        person = said.listen
        if (connection) {
          // What it has read is at most as old as this.
          if (up) for (const message of [{ up }, { news: { type: 'hello' } }] as const) tab(message)
        } else {
          connection = new AbortController()
          void listen(connection)
        }
      }
    },
  }
}
