import { WifiOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '../../components/ui/button'
import { handsOnFocus } from '../../lib/focus'
import { useTranslate } from '../../lib/i18n'
import { tryNow } from '../../lib/pause'
import { useOnline } from '../../lib/use-online'

/** Says that the connection is lost. A short loss is mended in silence; what waits in a long one can be tried at once. */
export function ConnectionBar({ lost }: { lost: boolean }) {
  const t = useTranslate()
  const online = useOnline()
  const lostLong = useHeld(lost, 2_000)
  if (online && !lostLong) return null
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center justify-center gap-x-2 gap-y-1 bg-warn-soft px-4 py-2 text-warn"
    >
      <WifiOff className="size-4 shrink-0 stroke-[1.75]" />
      <p className="min-w-0">{online ? t('app.reconnecting') : t('app.offline')}</p>
      {lostLong ? (
        <Button ref={handsOnFocus} size="sm" variant="outline" className="text-warn!" onClick={tryNow}>
          {t('app.tryNow')}
        </Button>
      ) : null}
    </div>
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
