import { type ReactNode, useEffect, useState } from 'react'

/** Shows its content only when the wait has become noticeable, so that quick answers do not flicker. */
export function Delayed({ by = 150, children }: { by?: number; children: ReactNode }) {
  const [due, setDue] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), by)
    return () => clearTimeout(timer)
  }, [by])
  return due ? children : null
}
