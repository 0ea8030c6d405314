import { useEffect, useState } from 'react'
import { useLive } from './live'

/** Seconds until the server takes messages again. */
export function useBlocked(): number {
  const until = useLive((state) => state.blockedUntil)
  const left = () => Math.max(0, Math.ceil((until - Date.now()) / 1000))
  const [, tick] = useState(0)
  useEffect(() => {
    if (until <= Date.now()) return
    const timer = setInterval(() => {
      tick((n) => n + 1)
      if (until <= Date.now()) clearInterval(timer)
    }, 500)
    return () => clearInterval(timer)
  }, [until])
  return left()
}

/** Seconds since an answer was asked for. */
export function useElapsed(busy: boolean): number {
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    if (!busy) return
    const from = Date.now()
    const timer = setInterval(() => setSeconds(Math.round((Date.now() - from) / 1000)), 1_000)
    return () => {
      clearInterval(timer)
      setSeconds(0)
    }
  }, [busy])
  return seconds
}
