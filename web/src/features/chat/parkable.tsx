import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { cn } from '../../lib/utils'

/** The id of a message on the page, which an address may name. */
export const messageAnchor = (id: number) => `m${id}`

/** So far from what is visible, a message is not drawn. */
const margin = '2000px 0px'

/** What a person has opened, or is writing in: it would not be so when it is drawn again. */
const chosen = 'textarea, [aria-expanded="true"], details[open], [data-opened="true"]'

type ParkableProps = { ids: number[]; keep: boolean; className: string; children: ReactNode }

/** Messages that are far out of sight keep their height and nothing else, so that a long conversation weighs little. */
export function Parkable({ ids, keep, className, children }: ParkableProps) {
  const place = useRef<HTMLDivElement>(null)
  const [height, setHeight] = useState<number | null>(null)
  const parked = keep ? null : height
  useSteady(place, parked)

  useEffect(() => {
    const node = place.current
    if (keep || !node || !globalThis.IntersectionObserver) return
    const watcher = new IntersectionObserver(
      (entries) => {
        const entry = entries.at(-1)
        if (!entry) return
        const inUse = node.contains(document.activeElement) || node.querySelector(chosen) !== null
        setHeight(entry.isIntersecting || inUse ? null : entry.boundingClientRect.height)
      },
      { root: node.closest('.scroll-area'), rootMargin: margin },
    )
    watcher.observe(node)
    return () => watcher.disconnect()
  }, [keep])

  if (parked === null)
    return (
      <div ref={place} data-exchange className={cn('outline-none', className)}>
        {children}
      </div>
    )
  return (
    <div ref={place} style={{ height: parked }}>
      {ids.map((id) => (
        <span key={id} id={messageAnchor(id)} />
      ))}
    </div>
  )
}

/** The page may have become wider or narrower meanwhile: what is drawn again above moves nothing that is visible. */
function useSteady(place: { current: HTMLDivElement | null }, parked: number | null) {
  const before = useRef<number | null>(null)
  useLayoutEffect(() => {
    const node = place.current
    const box = node?.closest('.scroll-area')
    if (node && box && parked === null && before.current !== null) {
      const { bottom, height } = node.getBoundingClientRect()
      if (bottom < box.getBoundingClientRect().top) box.scrollTop += height - before.current
    }
    before.current = parked
  }, [place, parked])
}
