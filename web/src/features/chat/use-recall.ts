import { type KeyboardEvent, useRef } from 'react'
import { changeDraft, type Place } from './drafts'

type Recalled = { place: Place; text: string; back: number }

/** The line of the caret is the first, or the last, of the field. */
const isFirstLine = ({ value, selectionStart }: HTMLTextAreaElement) => !value.slice(0, selectionStart).includes('\n')
const isLastLine = ({ value, selectionEnd }: HTMLTextAreaElement) => !value.slice(selectionEnd).includes('\n')

/**
 * Brings own messages back into the field: Arrow up in an empty one the last, again the one before it, Arrow down a newer one,
 * and Escape none. `recall` gives them, 0 for the last. What was changed meanwhile is a draft, from which nothing is taken.
 */
export function useRecall(place: Place, text: string, recall: (back: number) => string | undefined) {
  /** What was put into the field, and where. */
  const recalled = useRef<Recalled>(null)

  function put(back: number): boolean {
    const message = recall(back)
    if (!message) return false
    recalled.current = { place, text: message, back }
    changeDraft(place, { text: message })
    return true
  }

  /** Whether the key was for this. */
  function takesKey(event: KeyboardEvent<HTMLTextAreaElement>): boolean {
    const held = recalled.current
    const back = held?.place === place && held.text === text ? held.back : undefined
    if (event.altKey || event.shiftKey || event.ctrlKey || event.metaKey) return false
    if (event.key === 'ArrowUp' && text === '') return put(0)
    if (back === undefined) return false
    if (event.key === 'ArrowUp' && isFirstLine(event.currentTarget)) return put(back + 1)
    if (event.key === 'ArrowDown' && back > 0 && isLastLine(event.currentTarget)) return put(back - 1)
    if (event.key !== 'Escape') return false
    recalled.current = null
    changeDraft(place, { text: '' })
    return true
  }

  const forget = () => {
    recalled.current = null
  }

  return { takesKey, forget }
}
