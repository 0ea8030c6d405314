import { useSyncExternalStore } from 'react'

function subscribe(changed: () => void) {
  document.addEventListener('visibilitychange', changed)
  return () => document.removeEventListener('visibilitychange', changed)
}

/** Whether somebody looks at this tab. */
export const useVisible = (): boolean => useSyncExternalStore(subscribe, () => !document.hidden)
