import { cn } from '../../lib/utils'
import { isNear, type Month, partOf } from './stand'

/** How much of a month is used, as a bar; `label` says what it measures. */
export function MonthBar({ month, label, className }: { month: Month; label: string; className?: string }) {
  const part = `${Math.round(partOf(month) * 100)}%`
  return (
    <div className={cn('relative h-1.5 overflow-hidden rounded-full bg-user', className)}>
      <meter className="sr-only" aria-label={label} min={0} max={month.limit} value={Math.min(month.used, month.limit)}>
        {part}
      </meter>
      <div
        aria-hidden="true"
        className={cn('h-full rounded-full', isNear(month) ? 'bg-warn' : 'bg-accent')}
        style={{ width: part }}
      />
    </div>
  )
}
