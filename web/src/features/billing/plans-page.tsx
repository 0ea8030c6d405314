import { useQuery } from '@tanstack/react-query'
import { Check } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'react-router'
import { Delayed } from '../../components/delayed'
import { Button, buttonVariants } from '../../components/ui/button'
import { exactTime } from '../../lib/format'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { notifyError } from '../../lib/toast'
import { cn } from '../../lib/utils'
import { Page, Unreachable } from './page'
import { money } from './price'
import { checkout, plans, subscription } from './queries'
import type { Plan, Subscription } from './types'

/** What there is to have, and what it costs. Buying leads to the page of the payment gateway. */
export function PlansPage() {
  const t = useTranslate()
  const offered = useQuery(plans)
  const bought = useQuery(subscription)
  const [busy, setBusy] = useState<string>()

  async function buy(plan: string) {
    setBusy(plan)
    try {
      location.assign(await checkout(plan))
    } catch (error) {
      notifyError(error)
      setBusy(undefined)
    }
  }

  return (
    <Page title={t('plans.title')} back={paths.newChat}>
      {offered.data && bought.data ? (
        <>
          <ul className="grid gap-4 md:grid-cols-3">
            {offered.data.map((plan) => (
              <PlanCard
                key={plan.id}
                plan={plan}
                bought={bought.data}
                busy={busy === plan.id}
                disabled={busy !== undefined}
                onBuy={() => void buy(plan.id)}
              />
            ))}
          </ul>
          {offered.data.some((plan) => plan.can_buy) ? (
            <p className="text-muted text-sm">{t('plans.note')}</p>
          ) : (
            <p className="text-muted text-sm">{t('plans.closed')}</p>
          )}
        </>
      ) : offered.isError || bought.isError ? (
        <Unreachable
          again={() => {
            void offered.refetch()
            void bought.refetch()
          }}
        />
      ) : (
        <div aria-busy="true" className="min-h-60">
          <Delayed>
            <div aria-hidden="true" className="skeleton h-60" />
          </Delayed>
        </div>
      )}
    </Page>
  )
}

type PlanCardProps = { plan: Plan; bought: Subscription; busy: boolean; disabled: boolean; onBuy: () => void }

function PlanCard({ plan, bought, busy, disabled, onBuy }: PlanCardProps) {
  const t = useTranslate()
  const isMine = plan.id === bought.plan
  const { messages_per_month: messages } = plan
  return (
    <li
      className={cn('flex flex-col gap-4 rounded-card border p-5', isMine ? 'border-accent' : 'border-border')}
      aria-current={isMine || undefined}
    >
      <div>
        <h2 className="flex flex-wrap items-center gap-2 font-semibold text-lg">
          {plan.name}
          {isMine ? (
            <span className="rounded-chip bg-accent-soft px-2 py-0.5 font-medium text-accent-text text-sm">
              {t('plans.mine')}
            </span>
          ) : null}
        </h2>
        <p className="text-muted">{plan.description}</p>
      </div>
      <div>
        <p className="font-semibold text-2xl">{plan.price.amount > 0 ? money(plan.price) : t('plans.free')}</p>
        {plan.price.amount > 0 ? (
          <p className="text-muted text-sm">{t('plans.period', { count: plan.period_days })}</p>
        ) : null}
      </div>
      <ul className="flex flex-1 flex-col gap-1.5">
        {plan.highlights.length > 0 ? null : (
          <Highlight text={messages === null ? t('plans.unlimited') : t('plans.messages', { count: messages })} />
        )}
        {plan.highlights.map((line) => (
          <Highlight key={line} text={line} />
        ))}
      </ul>
      {isMine && bought.ends_at && bought.status !== 'none' ? (
        <p className="text-muted text-sm">{t('plans.until', { when: exactTime(bought.ends_at) })}</p>
      ) : null}
      {plan.can_buy ? (
        <Button variant={isMine ? 'outline' : 'primary'} loading={busy} disabled={disabled} onClick={onBuy}>
          {t(isMine ? 'plans.renew' : 'plans.buy', { price: money(plan.price) })}
        </Button>
      ) : null}
      {isMine && bought.status !== 'none' ? (
        <Link to={paths.settings('plan')} className={buttonVariants({ variant: 'ghost' })}>
          {t('plans.manage')}
        </Link>
      ) : null}
    </li>
  )
}

function Highlight({ text }: { text: string }) {
  return (
    <li className="flex gap-2">
      <Check aria-hidden="true" className="mt-1 size-4 shrink-0 text-accent-text" />
      {text}
    </li>
  )
}
