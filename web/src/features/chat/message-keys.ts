import { type RefObject, useEffect } from 'react'
import { usePreferences } from '../../lib/preferences'

/** All messages from the first to the last, those that are not drawn too: those have only their place. */
const placesIn = (box: HTMLElement) =>
  [...box.querySelectorAll<HTMLElement>('[id]')].filter(({ id }) => /^m\d+$/.test(id))

/** J and K go to the next and the previous message, while the focus is among the messages. */
export function useMessageKeys(scroller: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const box = scroller.current
    if (!box) return
    function onKeyDown(event: KeyboardEvent) {
      const by = event.key === 'j' ? 1 : event.key === 'k' ? -1 : 0
      if (!usePreferences.getState().singleKeys) return
      const target = event.target instanceof HTMLElement ? event.target : null
      const isWriting = target?.closest('input, textarea, select, [contenteditable], [role="menu"]')
      if (!box || !by || isWriting || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      const places = placesIn(box)
      const next = neighbour(box, places, target, by)
      if (!next) return
      event.preventDefault()
      next.scrollIntoView({ block: 'nearest' })
      focusDrawn(next.id, 12)
    }
    box.addEventListener('keydown', onKeyDown)
    return () => box.removeEventListener('keydown', onKeyDown)
  }, [scroller])
}

/** What comes after or before where the focus is; from the list as a whole, what is in sight. */
function neighbour(box: HTMLElement, places: HTMLElement[], target: HTMLElement | null, by: number) {
  const here = target?.closest<HTMLElement>('article[id]')
  if (here) return places[places.indexOf(here) + by]
  const top = box.getBoundingClientRect().top
  const isAfter = (place: HTMLElement) =>
    target === null || target.contains(place)
      ? place.getBoundingClientRect().bottom > top
      : (target.compareDocumentPosition(place) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0
  const after = places.findIndex(isAfter)
  if (after < 0) return by > 0 ? undefined : places.at(-1)
  return places[by > 0 ? after : after - 1]
}

/** What was far away is drawn a few frames after it has come into sight. */
function focusDrawn(id: string, frames: number) {
  const message = document.getElementById(id)
  if (message instanceof HTMLElement && message.tagName === 'ARTICLE') {
    message.tabIndex = -1
    message.focus({ preventScroll: true })
    message.scrollIntoView({ block: 'nearest' })
  } else if (frames > 0) requestAnimationFrame(() => focusDrawn(id, frames - 1))
}
