import { queryOptions } from '@tanstack/react-query'
import { api, dataOf } from '../../lib/api'
import { queryClient } from '../../lib/query-client'
import type { Payment, Subscription } from './types'

/** How often an order that waits to be paid is looked at, in milliseconds: in the first minute, and later. */
const lookAgain = 2_000
const lookLater = 10_000
const firstLooks = 60_000 / lookAgain

export const plans = queryOptions({
  queryKey: ['plans'],
  queryFn: () => dataOf(api.GET('/api/v1/plans')),
  staleTime: 5 * 60_000,
})

export const subscription = queryOptions({
  queryKey: ['billing', 'subscription'],
  queryFn: () => dataOf(api.GET('/api/v1/billing/subscription')),
})

export const invoices = queryOptions({
  queryKey: ['billing', 'invoices'],
  queryFn: () => dataOf(api.GET('/api/v1/billing/invoices')),
})

/**
 * When an order is looked at again; `false`: not by itself. A payment that failed may succeed after all, as long as the
 * order can be paid.
 */
export function nextLook(order: Payment | undefined, looks: number, now = Date.now()) {
  if (order?.state === 'paid' || order?.state === 'expired') return false
  if (order?.state === 'failed' && Date.parse(order.expires_at) <= now) return false
  return looks < firstLooks ? lookAgain : lookLater
}

/** What comes of an order; asked again until it is paid or over. */
export const payment = (order: string) =>
  queryOptions({
    queryKey: ['billing', 'payments', order],
    queryFn: () => dataOf(api.GET('/api/v1/billing/payments/{order}', { params: { path: { order } } })),
    staleTime: 0,
    refetchInterval: ({ state: { data, error, dataUpdateCount } }) => (error ? false : nextLook(data, dataUpdateCount)),
  })

/** Begins to buy a plan, and gives the page where it is paid. */
export async function checkout(plan: string): Promise<string> {
  return (await dataOf(api.POST('/api/v1/billing/checkout', { body: { plan } }))).payment_url
}

export const cancel = async () => keep(await dataOf(api.POST('/api/v1/billing/cancel')))

export const reactivate = async () => keep(await dataOf(api.POST('/api/v1/billing/reactivate')))

/** What was bought changes what may be used: all of that is read again. */
export function readAgain() {
  for (const key of [subscription.queryKey, invoices.queryKey, ['usage'], ['models']])
    void queryClient.invalidateQueries({ queryKey: key })
}

function keep(held: Subscription) {
  queryClient.setQueryData(subscription.queryKey, held)
  readAgain()
}
