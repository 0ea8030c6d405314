import { memo, type ReactNode, useEffect, useRef, useState } from 'react'
import { useSelection } from './selection'
import type { Conversation } from './types'

/** Rows that come and go together. The first of them are always drawn: short lists need none of this. */
const size = 50
const always = 4
/** So far from what is visible, rows are not drawn. */
const margin = '800px 0px'

type RowsProps = { held: Conversation[]; draw: (one: Conversation) => ReactNode }

/** A list of conversations, however long: what is far out of sight keeps its room and nothing else. */
export function Rows({ held, draw }: RowsProps) {
  // Rows are chosen by range, from one that is drawn to another.
  const isSelecting = useSelection((state) => state.on)
  const blocks = Array.from({ length: Math.ceil(held.length / size) }, (_, at) =>
    held.slice(at * size, (at + 1) * size),
  )
  return blocks.map((block, at) =>
    at < always || isSelecting ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: a block is its place
      <ul key={at}>{block.map(draw)}</ul>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: a block is its place
      <Parkable key={at} held={block} draw={draw} />
    ),
  )
}

const same = (a: RowsProps, b: RowsProps) =>
  a.draw === b.draw && a.held.length === b.held.length && a.held.every((one, at) => one === b.held[at])

const Parkable = memo(function Parkable({ held, draw }: RowsProps) {
  const place = useRef<HTMLUListElement>(null)
  const [height, setHeight] = useState<number | null>(null)

  useEffect(() => {
    const node = place.current
    if (!node || !globalThis.IntersectionObserver) return
    const watcher = new IntersectionObserver(
      (entries) => {
        const entry = entries.at(-1)
        if (!entry) return
        const inUse = node.contains(document.activeElement) || node.querySelector('[data-state="open"]') !== null
        setHeight(entry.isIntersecting || inUse ? null : entry.boundingClientRect.height)
      },
      { root: node.closest('.scroll-area'), rootMargin: margin },
    )
    watcher.observe(node)
    return () => watcher.disconnect()
  }, [])

  if (height !== null) return <ul ref={place} style={{ height }} />
  return <ul ref={place}>{held.map(draw)}</ul>
}, same)
