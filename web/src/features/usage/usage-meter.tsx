import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { useTranslate } from '../../lib/i18n'
import { MonthBar } from './month-bar'
import { monthOf, usage } from './queries'
import { counted, isNear, resetDay } from './stand'

/** At the foot of the sidebar: how much of the month is used, once that is nearly all. */
export function UsageMeter({ onGo }: { onGo?: (() => void) | undefined }) {
  const t = useTranslate()
  const { data } = useQuery(usage)
  const month = data && monthOf(data)
  if (!month || !isNear(month)) return null
  const figures = t('usage.figures', { used: counted(month.used), limit: counted(month.limit) })
  return (
    <Link
      to="/plans"
      className="mb-1 flex flex-col gap-1.5 rounded-button px-2 py-1.5 text-sm hover:bg-user"
      onClick={onGo}
    >
      <span className="flex justify-between gap-2">
        <span className="nums truncate">{figures}</span>
        <span className="shrink-0 text-muted">{t('usage.until', { day: resetDay(month.resetsAt) })}</span>
      </span>
      <MonthBar month={month} label={t('usage.messages')} />
    </Link>
  )
}
