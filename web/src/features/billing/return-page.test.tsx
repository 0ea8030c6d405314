import { screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { queryClient } from '../../lib/query-client'
import { nextLook } from './queries'
import { outcomeOf, ReturnPage } from './return-page'
import { open, order } from './test-billing'

const patient = { timeout: 4_500 }

afterEach(() => {
  queryClient.clear()
  vi.unstubAllGlobals()
})

test('the gateway’s word for who did not pay counts only while nothing else is known', () => {
  expect(outcomeOf('open', false)).toBe('waiting')
  expect(outcomeOf('open', true)).toBe('declined')
  expect(outcomeOf('failed', false)).toBe('declined')
  expect(outcomeOf('paid', true)).toBe('paid')
  expect(outcomeOf('expired', true)).toBe('expired')
})

test('the page waits until the payment is confirmed, and says so by itself', async () => {
  let state = 'open'
  open(<ReturnPage />, '/billing/return?order=sub_1', {
    'GET /api/v1/billing/payments/sub_1': () => ({ ...order, state }),
  })
  await screen.findByRole('heading', { name: 'Waiting for your payment' }, patient)
  state = 'paid'
  await screen.findByRole('heading', { name: 'Paid, thank you' }, patient)
  expect(screen.getByText(/Basic is on\. You paid TND.30\./)).toBeInTheDocument()
  expect(screen.getByRole('link', { name: 'Go to a new chat' })).toHaveAttribute('href', '/')
})

test('an order is looked at until it is over, and less often after a minute', () => {
  const now = Date.parse(order.expires_at)
  expect([nextLook(undefined, 0, now), nextLook(order, 1, now), nextLook(order, 29, now)]).toEqual([
    2_000, 2_000, 2_000,
  ])
  expect([nextLook(order, 30, now), nextLook(order, 5_000, now)]).toEqual([10_000, 10_000])
  expect(nextLook({ ...order, state: 'paid' }, 1, now)).toBe(false)
  expect(nextLook({ ...order, state: 'expired' }, 1, now)).toBe(false)
  expect(nextLook({ ...order, state: 'failed' }, 1, now - 1)).toBe(2_000)
  expect(nextLook({ ...order, state: 'failed' }, 1, now)).toBe(false)
})

test.each([
  { state: 'open', looks: 30 + 6 },
  { state: 'expired', looks: 1 },
] as const)(
  'a page that is left open looks $looks times in two minutes at an order that is $state',
  async ({ state, looks }) => {
    vi.useFakeTimers({ shouldAdvanceTime: true })
    const asked = open(<ReturnPage />, '/billing/return?order=sub_1', {
      'GET /api/v1/billing/payments/sub_1': () => ({ ...order, state }),
    })
    await vi.advanceTimersByTimeAsync(120_000)
    vi.useRealTimers()
    expect(Math.abs(asked.length - looks)).toBeLessThanOrEqual(state === 'expired' ? 0 : 3)
  },
)

test('who was declined is led back to the plans', async () => {
  open(<ReturnPage />, '/billing/return?order=sub_1&outcome=failed', {
    'GET /api/v1/billing/payments/sub_1': () => order,
  })
  await screen.findByRole('heading', { name: 'The payment did not go through' }, patient)
  expect(screen.getByRole('link', { name: 'Back to the plans' })).toHaveAttribute('href', '/plans')
})

test.each(['/billing/return', '/billing/return?order=sub_2'])('%s leads nowhere and says so', async (address) => {
  open(<ReturnPage />, address, {})
  await screen.findByRole('heading', { name: 'There is no such payment' }, patient)
})
