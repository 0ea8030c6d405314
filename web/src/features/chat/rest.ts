/**
 * A turn is followed in the tab that somebody looks at. Browsers allow few connections to a host, and a hidden tab
 * learns from the news when the turn has ended; then, or when it is looked at again, it reads what it has missed.
 */
import type { Rest } from '../../lib/events'
import { isHeardWhileHidden } from '../../lib/news/listen'

const resting = new Map<number, () => void>()

/** A turn that is not followed now has ended. */
export const wakeEnded = (turn: number) => resting.get(turn)?.()

/** `turn` is undefined until the server has told it: so long the connection is needed. */
export function restOf(turn: () => number | undefined): Rest {
  return {
    watch(cut) {
      const look = () => {
        if (document.hidden && turn() !== undefined && isHeardWhileHidden()) cut.abort()
      }
      document.addEventListener('visibilitychange', look)
      return () => document.removeEventListener('visibilitychange', look)
    },
    back: (signal) =>
      new Promise((resolve) => {
        const look = () => {
          if (!document.hidden) go()
        }
        function go() {
          document.removeEventListener('visibilitychange', look)
          signal.removeEventListener('abort', go)
          resting.delete(turn() ?? 0)
          resolve()
        }
        document.addEventListener('visibilitychange', look)
        signal.addEventListener('abort', go)
        resting.set(turn() ?? 0, go)
        look()
      }),
  }
}
