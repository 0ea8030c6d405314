import { type RefObject, useEffect, useState } from 'react'

/** Whether an element is, or was, nearly in sight. */
export function useInSight(place: RefObject<Element | null>): boolean {
  const [seen, setSeen] = useState(false)
  useEffect(() => {
    if (seen || !place.current) return
    const watcher = new IntersectionObserver(([entry]) => entry?.isIntersecting && setSeen(true), {
      rootMargin: '300px',
    })
    watcher.observe(place.current)
    return () => watcher.disconnect()
  }, [seen, place])
  return seen
}
