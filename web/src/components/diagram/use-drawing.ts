import { useEffect, useState } from 'react'
import { type Drawing, draw, drawn, longestSource, Refused } from './drawing'

export type Failure = 'long' | 'invalid' | 'slow'
type State = { drawing?: Drawing; failure?: Failure; reason?: string }

/** The drawing of a source once it is made. While another theme's is being made, the one before stays. */
export function useDrawing(source: string, dark: boolean, wanted: boolean): State {
  const [state, setState] = useState<State>(() => {
    const drawing = drawn(source, dark)
    return drawing ? { drawing } : {}
  })
  useEffect(() => {
    if (!wanted) return
    if (source.length > longestSource) return setState({ failure: 'long' })
    let current = true
    draw(source, dark).then(
      (drawing) => current && setState({ drawing }),
      (error) =>
        current &&
        setState(error instanceof Refused ? { failure: 'invalid', reason: error.message } : { failure: 'slow' }),
    )
    return () => {
      current = false
    }
  }, [source, dark, wanted])
  return state
}
