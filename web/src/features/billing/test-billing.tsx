import '../../locales/billing-words'
import '../../locales/person-words'
import { QueryClientProvider } from '@tanstack/react-query'
import { render } from '@testing-library/react'
import { type ReactNode, Suspense } from 'react'
import { MemoryRouter } from 'react-router'
import { vi } from 'vitest'
import { queryClient } from '../../lib/query-client'
import type { Payment, Plan, Subscription } from './types'

export const at = '2026-11-14T12:00:00.000Z'
const price = { amount: 30_000, currency: 'TND', exponent: 3, text: '30' }

export const basic: Plan = {
  id: 'basic',
  name: 'Basic',
  description: 'For regular use',
  price,
  period_days: 30,
  messages_per_month: 100,
  features: [],
  highlights: ['100 messages a month'],
  can_buy: true,
}

export const free: Plan = {
  ...basic,
  id: 'free',
  name: 'Free',
  price: { ...price, amount: 0, text: '0' },
  can_buy: false,
}

export const nothing: Subscription = {
  plan: 'free',
  plan_name: 'Free',
  status: 'none',
  started_at: null,
  ends_at: null,
}

export const bought: Subscription = { plan: 'basic', plan_name: 'Basic', status: 'active', started_at: at, ends_at: at }

export const order: Payment = {
  order: 'sub_1',
  state: 'open',
  plan: 'basic',
  plan_name: 'Basic',
  price,
  period_days: 30,
  created_at: at,
  expires_at: at,
  paid_at: null,
}

type Answers = Record<string, (request: Request) => unknown>

/** Shows a page for which a server answers, by method and path. What it does not know is 404. */
export function open(page: ReactNode, address: string, answers: Answers) {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    const what = `${request.method} ${new URL(request.url).pathname}`
    asked.push(what)
    const answer = answers[what]
    if (!answer) return new Response('{"status":404,"code":"not_found"}', { status: 404 })
    return new Response(JSON.stringify(answer(request)))
  })
  render(
    <QueryClientProvider client={queryClient}>
      <MemoryRouter initialEntries={[address]}>
        <Suspense>{page}</Suspense>
      </MemoryRouter>
    </QueryClientProvider>,
  )
  return asked
}
