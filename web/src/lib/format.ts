import { currentLanguage, translate } from './i18n'

const day = 86_400_000
const startOfDay = (time: Date) => new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime()

/** The heading under which a time is listed: today, yesterday, the last week, then months. */
export function dayGroup(time: string, now = new Date()): string {
  const at = new Date(time)
  const today = startOfDay(now)
  if (at.getTime() >= today) return translate('days.today')
  if (at.getTime() >= startOfDay(new Date(today - day / 2))) return translate('days.yesterday')
  if (at.getTime() >= startOfDay(new Date(today - 6.5 * day))) return translate('days.week')
  const sameYear = at.getFullYear() === now.getFullYear()
  const name = new Intl.DateTimeFormat(currentLanguage(), {
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at)
  return name.charAt(0).toLocaleUpperCase(currentLanguage()) + name.slice(1)
}

export const exactTime = (time: string) =>
  new Intl.DateTimeFormat(currentLanguage(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(time))

/** "3 minutes ago", "yesterday". */
export function relativeTime(time: string, now = Date.now()): string {
  const seconds = (new Date(time).getTime() - now) / 1000
  const format = new Intl.RelativeTimeFormat(currentLanguage(), { numeric: 'auto' })
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ['second', 60],
    ['minute', 60],
    ['hour', 24],
    ['day', 30],
    ['month', 12],
  ]
  let value = seconds
  for (const [unit, size] of steps) {
    if (Math.abs(value) < size) return format.format(Math.round(value), unit)
    value /= size
  }
  return format.format(Math.round(value), 'year')
}
