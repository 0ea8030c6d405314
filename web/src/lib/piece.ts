/** Code that is fetched when it is first needed. */
import { useEffect, useState } from 'react'
import { createStore, useStore } from 'zustand'

export type Piece<T> = ReturnType<typeof piece<T>>

export function piece<T>(fetchCode: () => Promise<T>) {
  const held = createStore<{ code?: T }>(() => ({}))
  let fetched: Promise<void> | undefined

  /** Fetches it, once. What failed is tried again when it is asked for again. */
  function load(): Promise<void> {
    fetched ??= fetchCode().then(
      (code) => held.setState({ code }),
      (error) => {
        fetched = undefined
        throw error
      },
    )
    return fetched
  }

  return { held, load }
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
