import { queryOptions } from '@tanstack/react-query'
import { api, dataOf } from '../../lib/api'
import { queryClient } from '../../lib/query-client'
import type { Subscription } from './types'

/** How often an order that waits to be paid is looked at, in milliseconds. */
const lookAgain = 2_000

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

/** What comes of an order; asked again until it is paid. A payment that failed may succeed after all. */
export const payment = (order: string) =>
  queryOptions({
    queryKey: ['billing', 'payments', order],
    queryFn: () => dataOf(api.GET('/api/v1/billing/payments/{order}', { params: { path: { order } } })),
    staleTime: 0,
    refetchInterval: ({ state: { data, error } }) => (error || data?.state === 'paid' ? false : lookAgain),
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
