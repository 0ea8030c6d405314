import { WifiOff } from 'lucide-react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { useTranslate } from '../../lib/i18n'

const watchNetwork = (changed: () => void) => {
  addEventListener('online', changed)
  addEventListener('offline', changed)
  return () => {
    removeEventListener('online', changed)
    removeEventListener('offline', changed)
  }
}

/** Says that the connection is lost. A short loss is mended in silence. */
export function ConnectionBar({ lost }: { lost: boolean }) {
  const t = useTranslate()
  const online = useSyncExternalStore(watchNetwork, () => navigator.onLine)
  const lostLong = useHeld(lost, 2_000)
  if (online && !lostLong) return null
  return (
    <p role="alert" className="flex items-center justify-center gap-2 bg-warn-soft px-4 py-2 text-warn">
      <WifiOff className="size-4 shrink-0 stroke-[1.75]" />
      {online ? t('app.reconnecting') : t('app.offline')}
    </p>
  )
}

/** True once something has been true for a while. */
function useHeld(value: boolean, ms: number): boolean {
  const [held, setHeld] = useState(false)
  useEffect(() => {
    if (!value) return
    const timer = setTimeout(() => setHeld(true), ms)
    return () => {
      clearTimeout(timer)
      setHeld(false)
    }
  }, [value, ms])
  return held
}
