import { useQuery } from '@tanstack/react-query'
import { CircleGauge } from 'lucide-react'
import { Link } from 'react-router'
import { Button, buttonVariants } from '../../components/ui/button'
import { useTranslate } from '../../lib/i18n'
import { MonthBar } from './month-bar'
import { usage } from './queries'
import { counted, type Month, resetDay } from './stand'

type QuotaCardProps = { month: Month; onDismiss: () => void }

/** Says above the field that the month's messages are used up, when there are new ones, and how to go on now. */
export function QuotaCard({ month, onDismiss }: QuotaCardProps) {
  const t = useTranslate()
  const { data } = useQuery(usage)
  const { used, limit, resetsAt } = month
  const count = t('usage.figures', { used: counted(used), limit: counted(limit) })
  const figures = data ? `${data.plan_name} · ${count}` : count
  return (
    <div className="mx-auto w-full max-w-[768px] px-3 pb-2 md:px-4">
      <section
        aria-labelledby="quota-card"
        className="flex gap-3 rounded-card border border-warn/40 bg-warn-soft p-4 text-warn"
      >
        <CircleGauge className="mt-0.5 size-4 shrink-0" />
        <div className="flex min-w-0 flex-1 flex-col gap-2">
          <div role="alert">
            <h2 id="quota-card" className="font-medium">
              {t('usage.exhausted')}
            </h2>
            <p>{t('usage.more', { figures, day: resetDay(resetsAt) })}</p>
          </div>
          <MonthBar month={month} label={t('usage.messages')} className="bg-warn/20" />
          <p className="text-sm">{t('usage.draftStays')}</p>
          <div className="flex flex-wrap gap-2">
            <Link to="/plans" className={buttonVariants({ variant: 'primary', size: 'sm' })}>
              {t('usage.plans')}
            </Link>
            <Button size="sm" variant="outline" className="text-warn!" onClick={onDismiss}>
              {t('app.close')}
            </Button>
          </div>
        </div>
      </section>
    </div>
  )
}
