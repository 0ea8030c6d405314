import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

const tolerance = 80

/** Where each conversation was left, for coming back to it. */
const places = new Map<number | string, number>()

/**
 * Keeps the end in sight while the reader is there, and lets go at the first move up.
 * `away` is true while the reader is elsewhere.
 */
export function useFollowScroll(scroller: RefObject<HTMLElement | null>, place: number | string, ready: boolean) {
  const following = useRef(true)
  const [away, setAway] = useState(false)
  /** How high the content was when it was last measured. */
  const height = useRef(0)

  useLayoutEffect(() => {
    const box = scroller.current
    if (!box || !ready) return
    const kept = places.get(place)
    following.current = kept === undefined
    box.scrollTop = kept ?? box.scrollHeight
    setAway(kept !== undefined && box.scrollHeight - box.clientHeight - kept > tolerance)
  }, [scroller, place, ready])

  useEffect(() => {
    const box = scroller.current
    const content = box?.firstElementChild
    if (!box || !content || !ready) return
    let last = box.scrollTop
    height.current = box.scrollHeight

    const distance = () => box.scrollHeight - box.clientHeight - box.scrollTop
    const release = () => {
      following.current = false
      if (distance() > tolerance) setAway(true)
    }
    const onScroll = () => {
      const shrank = box.scrollHeight < height.current
      if (box.scrollTop < last - 1 && !shrank) release()
      else if (distance() <= tolerance && box.scrollTop > last) following.current = true
      last = box.scrollTop
      height.current = box.scrollHeight
      setAway(distance() > tolerance)
      if (following.current) places.delete(place)
      else places.set(place, box.scrollTop)
    }
    const onWheel = (event: WheelEvent) => {
      if (event.deltaY < 0) release()
    }
    const grown = new ResizeObserver(() => {
      if (following.current) box.scrollTop = box.scrollHeight
      last = box.scrollTop
      height.current = box.scrollHeight
      setAway(distance() > tolerance)
    })
    grown.observe(content)
    grown.observe(box)
    box.addEventListener('scroll', onScroll, { passive: true })
    box.addEventListener('wheel', onWheel, { passive: true })
    return () => {
      grown.disconnect()
      box.removeEventListener('scroll', onScroll)
      box.removeEventListener('wheel', onWheel)
    }
  }, [scroller, place, ready])

  function toEnd(smooth = false) {
    const box = scroller.current
    if (!box) return
    following.current = true
    places.delete(place)
    setAway(false)
    box.scrollTo({ top: box.scrollHeight, behavior: smooth ? 'smooth' : 'instant' })
  }

  /** The reader is taken elsewhere: what arrives does not bring the end into sight. */
  const letGo = useCallback(() => {
    following.current = false
  }, [])

  return { away, toEnd, letGo, height }
}
