import { Dialog as D } from 'radix-ui'
import { type PointerEvent, useRef } from 'react'

/** So far a sheet is drawn down before it goes when it is let go. */
const meant = 80

/** What a sheet is drawn down by on phones. Everything else closes it as any dialog, so assistive tools need nothing of it. */
export function SheetHandle() {
  const close = useRef<HTMLButtonElement>(null)
  const drawn = useRef<{ from: number; by: number }>(undefined)

  /** Puts the sheet so far below its place. */
  function put({ currentTarget }: PointerEvent<HTMLElement>, by: number) {
    const sheet = currentTarget.closest<HTMLElement>('[data-slot="dialog-content"]')
    if (sheet) sheet.style.translate = by > 0 ? `0 ${by}px` : ''
  }
  function begin(event: PointerEvent<HTMLElement>) {
    if (!event.isPrimary || event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    drawn.current = { from: event.clientY, by: 0 }
  }
  function move(event: PointerEvent<HTMLElement>) {
    if (!drawn.current || !event.isPrimary) return
    drawn.current.by = Math.max(0, event.clientY - drawn.current.from)
    put(event, drawn.current.by)
  }
  function end(event: PointerEvent<HTMLElement>) {
    if (!event.isPrimary) return
    const by = event.type === 'pointerup' ? (drawn.current?.by ?? 0) : 0
    drawn.current = undefined
    if (by >= meant) close.current?.click()
    // Also of one that does not let itself be closed now.
    put(event, 0)
  }

  return (
    <div
      aria-hidden="true"
      data-slot="sheet-handle"
      className="absolute inset-x-0 top-0 flex h-6 touch-none items-center justify-center md:hidden"
      onPointerDown={begin}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={end}
    >
      <span className="h-1 w-9 rounded-full bg-border" />
      <D.Close ref={close} hidden tabIndex={-1} />
    </div>
  )
}
