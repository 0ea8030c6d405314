/** Code that is fetched when it is first needed. */
import { useEffect, useState } from 'react'
import { createStore, useStore } from 'zustand'
import { pause, untilOnline } from './pause'

export type Piece<T> = ReturnType<typeof piece<T>>

/** How long to wait before each of the tries that follow the first, in milliseconds. */
const waits = [500, 1_500]

/** Fetches, and again while the network is lost, and a few times more for a server that is just starting. */
async function persist<T>(fetchCode: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await fetchCode()
    } catch (error) {
      const wait = waits[tries]
      if (!navigator.onLine) {
        await pause(untilOnline)
        tries = -1
      } else if (wait === undefined) throw error
      else await pause(wait)
    }
  }
}

export function piece<T>(fetchCode: () => Promise<T>) {
  const held = createStore<{ code?: T }>(() => ({}))
  let fetched: Promise<T> | undefined

  /** Fetches it, once. It waits for a network, and fails if the piece cannot be had over one; then it may be asked for again. */
  function load(): Promise<T> {
    fetched ??= persist(fetchCode).then(
      (code) => {
        held.setState({ code })
        return code
      },
      (error) => {
        fetched = undefined
        throw error
      },
    )
    return fetched
  }

  /** Fetches it before it is needed. Whoever needs it learns if that failed. */
  const preload = () => void load().catch(() => undefined)

  return { held, load, preload }
}

/**
 * The code, once it is there. Then it is drawn at once: `lazy` shows its fallback the first time even so, and React keeps
 * a fallback in sight for 300 ms.
 */
export function usePiece<T>({ held, load }: Piece<T>): T | undefined {
  const { code } = useStore(held)
  const [failure, setFailure] = useState<{ error: unknown }>()
  useEffect(() => {
    if (!code) load().catch((error) => setFailure({ error }))
  }, [code, load])
  if (failure) throw failure.error
  return code
}
