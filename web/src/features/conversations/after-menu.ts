import { useRef } from 'react'
import { focusComposer } from '../../lib/focus'
import { paths } from '../../lib/paths'

/** Where the focus goes when a menu has closed, if not back to its button. */
export function useAfterMenu() {
  const after = useRef<{ act: () => void; takesFocus: boolean }>(undefined)
  return {
    /** The focus goes where `act` takes it. */
    focusBy(act: () => void) {
      after.current = { act, takesFocus: true }
    },
    /** The focus goes back first, so that a dialog gives it back to where it was. */
    afterwards(act: () => void) {
      after.current = { act, takesFocus: false }
    },
    onCloseAutoFocus(event: Event) {
      const planned = after.current
      after.current = undefined
      if (!planned) return
      if (planned.takesFocus) event.preventDefault()
      setTimeout(planned.act)
    },
  }
}

/** Puts the focus on a conversation of the sidebar, wherever it stands now. */
export function focusConversation(id: number) {
  const row = document.querySelector<HTMLElement>(`nav a[href="${paths.chat(id)}"], nav input[data-row$=":${id}"]`)
  if (row) row.focus()
  else focusComposer()
}
