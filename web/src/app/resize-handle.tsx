import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react'
import { useTranslate } from '../lib/i18n'
import { sidebarWidths as widths, within } from '../lib/preferences'

type ResizeHandleProps = {
  width: number
  /** It is this wide while it is being dragged, and as it was when that has ended. */
  onDrag: (width: number | undefined) => void
  onChange: (width: number) => void
}

/** So many pixels wider or narrower with each press of an arrow. */
const step = 16

/** The edge of the sidebar, by which it is made wider. Two clicks give it its first width again. */
export function ResizeHandle({ width, onDrag, onChange }: ResizeHandleProps) {
  const t = useTranslate()
  /** From the pointer to the edge, where it was taken hold of. */
  const [held, setHeld] = useState<number | null>(null)
  const before = useRef(width)
  const at = (event: PointerEvent) => within(event.clientX + (held ?? 0))

  // It may go while it is held, by a key.
  // biome-ignore lint/correctness/useExhaustiveDependencies: at the end alone
  useEffect(() => () => onDrag(undefined), [])

  function onKeyDown(event: KeyboardEvent) {
    const wanted = {
      ArrowLeft: width - step,
      ArrowRight: width + step,
      Home: widths.least,
      End: widths.most,
    }[event.key]
    if (wanted === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    onChange(within(wanted))
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a line that can be moved has no element of its own
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t('sidebar.width')}
      aria-valuenow={width}
      aria-valuemin={widths.least}
      aria-valuemax={widths.most}
      className="-end-1.5 group/edge absolute inset-y-0 z-10 w-3 cursor-col-resize touch-none outline-none"
      onKeyDown={onKeyDown}
      onDoubleClick={() => onChange(widths.first)}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        setHeld(width - event.clientX)
        before.current = width
      }}
      onPointerMove={(event) => held !== null && onDrag(at(event))}
      onPointerUp={(event) => held !== null && at(event) !== before.current && onChange(at(event))}
      onLostPointerCapture={() => {
        setHeld(null)
        onDrag(undefined)
      }}
    >
      <div
        className={`mx-auto h-full w-0.5 transition-colors group-hover/edge:bg-control group-focus-visible/edge:bg-ring ${held === null ? '' : 'bg-ring'}`}
      />
    </div>
  )
}
