const tried = 'colloquy:try'

/** Ends every wait for the network: somebody thinks that it is back. */
export const tryNow = () => void dispatchEvent(new Event(tried))

/** As long as a timer can be: until the network is back. */
export const untilOnline = 2 ** 31 - 1

/** Waits, but not longer than until the network is back. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer)
      for (const sign of ['online', tried]) removeEventListener(sign, go)
      signal?.removeEventListener('abort', go)
      resolve()
    }
    const timer = setTimeout(go, ms)
    for (const sign of ['online', tried]) addEventListener(sign, go)
    signal?.addEventListener('abort', go)
  })
}
