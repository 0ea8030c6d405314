import { useQuery } from '@tanstack/react-query'
import { CircleCheck, CircleX, Clock } from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import { Link, useSearchParams } from 'react-router'
import { buttonVariants } from '../../components/ui/button'
import { announce } from '../../lib/announce'
import { type Key, useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { Problem } from '../../lib/problem'
import { Page, Unreachable } from './page'
import { money } from './price'
import { payment, readAgain } from './queries'
import type { Payment } from './types'

type Outcome = 'waiting' | 'paid' | 'declined' | 'expired'

/** How an order stands for who comes back from paying. `failed` is where the gateway sends whoever did not pay. */
export function outcomeOf(state: Payment['state'], failed: boolean): Outcome {
  if (state === 'paid' || state === 'expired') return state
  return state === 'failed' || failed ? 'declined' : 'waiting'
}

const icons: Record<Outcome, ReactNode> = {
  waiting: <Clock className="size-8 text-muted" />,
  paid: <CircleCheck className="size-8 text-ok" />,
  declined: <CircleX className="size-8 text-danger" />,
  expired: <Clock className="size-8 text-muted" />,
}

/** What came of an order, for who comes back from the page where it is paid. */
export function ReturnPage() {
  const t = useTranslate()
  const [words] = useSearchParams()
  const order = words.get('order')
  return (
    <Page title={t('billing.title')} back={paths.settings('plan')}>
      {order ? (
        <Outcome order={order} failed={words.get('outcome') === 'failed'} />
      ) : (
        <Result icon={icons.waiting} titleKey="billing.unknown.title" text={t('billing.unknown.text')} />
      )}
    </Page>
  )
}

function Outcome({ order, failed }: { order: string; failed: boolean }) {
  const t = useTranslate()
  const { data, error, refetch } = useQuery(payment(order))
  const outcome = data && outcomeOf(data.state, failed)

  useEffect(() => {
    if (!outcome) return
    announce(t(`billing.${outcome}.title`))
    if (outcome === 'paid') readAgain()
  }, [outcome, t])

  if (error instanceof Problem && error.status === 404)
    return <Result icon={icons.waiting} titleKey="billing.unknown.title" text={t('billing.unknown.text')} />
  if (error && !data) return <Unreachable again={() => void refetch()} />
  if (!data || !outcome) return <div aria-busy="true" className="min-h-60" />
  const text = t(`billing.${outcome}.text`, { plan: data.plan_name, price: money(data.price) })
  return (
    <Result icon={icons[outcome]} titleKey={`billing.${outcome}.title`} text={text}>
      {outcome === 'paid' ? (
        <Link to={paths.newChat} className={buttonVariants({ variant: 'primary' })}>
          {t('app.home')}
        </Link>
      ) : null}
      {outcome === 'declined' || outcome === 'expired' ? (
        <Link to={paths.plans} className={buttonVariants({ variant: 'primary' })}>
          {t('billing.again')}
        </Link>
      ) : null}
      <Link to={paths.settings('plan')} className={buttonVariants()}>
        {t('plans.manage')}
      </Link>
    </Result>
  )
}

type ResultProps = { icon: ReactNode; titleKey: Key; text: string; children?: ReactNode }

function Result({ icon, titleKey, text, children }: ResultProps) {
  const t = useTranslate()
  return (
    <div className="flex flex-col items-center gap-3 rounded-card border border-border p-6 text-center">
      <span aria-hidden="true">{icon}</span>
      <h2 className="font-semibold text-lg">{t(titleKey)}</h2>
      <p className="max-w-prose text-muted">{text}</p>
      <div className="mt-2 flex flex-col justify-center gap-2 self-stretch empty:hidden sm:flex-row">{children}</div>
    </div>
  )
}
