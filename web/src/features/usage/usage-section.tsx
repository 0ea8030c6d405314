import { useQuery } from '@tanstack/react-query'
import { useTranslate } from '../../lib/i18n'
import { Section } from '../settings/section'
import { MonthBar } from './month-bar'
import { monthOf, usage } from './queries'
import { counted, resetDay } from './stand'

/** In the settings: what was used of this month, and of how much. */
export function UsageSection() {
  const t = useTranslate()
  const { data } = useQuery(usage)
  const month = data && monthOf(data)
  return (
    <Section title={t('usage.title')} hint={data && t('usage.begins', { day: resetDay(data.resets_at) })}>
      {data ? (
        <>
          <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5">
            <dt className="text-muted">{t('usage.messages')}</dt>
            <dd className="nums">
              {month
                ? t('usage.figures', { used: counted(month.used), limit: counted(month.limit) })
                : t('usage.unlimited', { used: counted(data.used) })}
            </dd>
            <dt className="text-muted">{t('usage.tokens')}</dt>
            <dd className="nums">
              {t('usage.tokensOf', { asked: counted(data.prompt_tokens), answered: counted(data.completion_tokens) })}
            </dd>
          </dl>
          {month ? <MonthBar month={month} label={t('usage.messages')} /> : null}
        </>
      ) : null}
    </Section>
  )
}
