import { useQuery } from '@tanstack/react-query'
import { type RefObject, useRef, useState } from 'react'
import { Link } from 'react-router'
import { Button, buttonVariants } from '../../components/ui/button'
import { exactTime } from '../../lib/format'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { notify, notifyError } from '../../lib/toast'
import { Question } from '../settings/question'
import { Section } from '../settings/section'
import { UsageSection } from '../usage/usage-section'
import { Unreachable } from './page'
import { money } from './price'
import { cancel, invoices, reactivate, subscription } from './queries'
import type { Subscription } from './types'

/** What was bought: the plan, its end, ending it and taking that back, what was used of its month, and what was paid. */
export function PlanTab() {
  const t = useTranslate()
  const heading = useRef<HTMLHeadingElement>(null)
  const { data, isError, refetch } = useQuery(subscription)
  return (
    <>
      <Section title={t('settings.plan')} heading={heading}>
        {data ? (
          <Bought held={data} heading={heading} />
        ) : isError ? (
          <Unreachable again={() => void refetch()} />
        ) : null}
      </Section>
      <UsageSection />
      <Invoices />
    </>
  )
}

type BoughtProps = { held: Subscription; heading: RefObject<HTMLElement | null> }

function Bought({ held, heading }: BoughtProps) {
  const t = useTranslate()
  const [asks, setAsks] = useState(false)
  const [busy, setBusy] = useState(false)
  const when = held.ends_at ? exactTime(held.ends_at) : ''

  async function resume() {
    setBusy(true)
    await reactivate().then(() => notify(t('billing.resumed')), notifyError)
    setBusy(false)
  }

  return (
    <>
      <div>
        <p className="font-semibold text-lg">{held.plan_name}</p>
        <p className="text-muted">
          {held.status === 'none'
            ? t(when ? 'billing.over' : 'billing.none', { when })
            : t(held.status === 'active' ? 'billing.active' : 'billing.canceled', { when })}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        <Link
          to={paths.plans}
          className={buttonVariants({ variant: held.status === 'none' ? 'primary' : 'secondary' })}
        >
          {t('billing.plans')}
        </Link>
        {held.status === 'canceled' ? (
          <Button loading={busy} onClick={() => void resume()}>
            {t('billing.resume')}
          </Button>
        ) : null}
        {held.status === 'active' ? (
          <Button variant="danger" onClick={() => setAsks(true)}>
            {t('billing.cancel')}
          </Button>
        ) : null}
      </div>
      {asks ? (
        <Question
          title={t('billing.cancelTitle', { plan: held.plan_name })}
          text={t('billing.cancelText', { when })}
          action={t('billing.cancel')}
          other={t('billing.resume')}
          onYes={cancel}
          onClose={() => setAsks(false)}
          after={() => heading.current}
        />
      ) : null}
    </>
  )
}

function Invoices() {
  const t = useTranslate()
  const { data } = useQuery(invoices)
  if (!data) return null
  return (
    <Section title={t('billing.invoices')}>
      {data.length === 0 ? <p className="text-muted">{t('billing.invoicesEmpty')}</p> : null}
      <ul className="-my-2 flex flex-col divide-y divide-border empty:hidden">
        {data.map((paid) => (
          <li key={paid.order} className="py-2">
            <p className="flex justify-between gap-4">
              <span>{t('billing.invoice', { plan: paid.plan_name, days: paid.period_days })}</span>
              <span className="nums shrink-0">{money(paid.price)}</span>
            </p>
            <p className="flex flex-wrap justify-between gap-x-4 text-muted text-sm">
              <span className="break-all">{paid.order}</span>
              {paid.paid_at ? <span className="nums shrink-0">{exactTime(paid.paid_at)}</span> : null}
            </p>
          </li>
        ))}
      </ul>
    </Section>
  )
}
