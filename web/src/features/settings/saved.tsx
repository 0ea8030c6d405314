import { Check } from 'lucide-react'
import { useTranslate } from '../../lib/i18n'

/** Says discreetly that a change is kept. */
export function Saved() {
  const t = useTranslate()
  return (
    <span className="flex items-center gap-1.5 text-ok">
      <Check className="size-4" />
      {t('app.saved')}
    </span>
  )
}
