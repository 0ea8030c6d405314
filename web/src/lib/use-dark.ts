import { useSyncExternalStore } from 'react'

const root = document.documentElement

function subscribe(changed: () => void) {
  const watcher = new MutationObserver(changed)
  watcher.observe(root, { attributeFilter: ['class'] })
  return () => watcher.disconnect()
}

/** Whether the page is dark now. */
export const useDark = (): boolean => useSyncExternalStore(subscribe, () => root.classList.contains('dark'))
