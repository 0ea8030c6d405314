import 'katex/dist/katex.min.css'
import katex from 'katex'
import { useLayoutEffect, useRef } from 'react'

/** A formula. KaTeX builds the nodes itself: its HTML text could not be shown under Trusted Types. */
export function Formula({ source, display }: { source: string; display: boolean }) {
  const place = useRef<HTMLSpanElement>(null)
  useLayoutEffect(() => {
    if (!place.current) return
    katex.render(source, place.current, {
      displayMode: display,
      throwOnError: false,
      strict: false,
      trust: false,
      // In em: nothing is larger than the screen, whatever a formula says.
      maxSize: 40,
      errorColor: 'var(--danger)',
    })
  }, [source, display])
  return <span ref={place} className={display ? 'block overflow-x-auto overflow-y-hidden py-1' : ''} />
}
