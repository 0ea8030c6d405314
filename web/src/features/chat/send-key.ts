import type { KeyboardEvent } from 'react'
import { usePreferences } from '../../lib/preferences'
import { isTouch } from '../../lib/use-media'

/** Whether a key press sends: Enter, or Ctrl or Cmd with it where the person chose so. On touch Enter alone breaks the line. */
export function isSendKey({ key, shiftKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
  if (key !== 'Enter' || shiftKey) return false
  return ctrlKey || metaKey || (usePreferences.getState().sendOnEnter && !isTouch())
}
