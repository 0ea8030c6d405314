import { useEffect, useState } from 'react'
import { useTranslate } from '../../lib/i18n'

/** Stands where the answer will begin. The longer it takes, the more it says. */
export function Waiting({ queued }: { queued: boolean }) {
  const t = useTranslate()
  const [stage, setStage] = useState(0)
  useEffect(() => {
    const timers = [3_000, 15_000].map((ms, index) => setTimeout(() => setStage(index + 1), ms))
    return () => timers.forEach(clearTimeout)
  }, [])
  const words = queued ? t('chat.waiting') : ['', t('chat.thinking'), t('chat.slow')][stage]
  return (
    <p className="flex h-8 items-center gap-2.5 text-muted">
      <span className="stream-dot" />
      {words}
    </p>
  )
}
