import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { queryClient } from '../../lib/query-client'
import { PlanTab } from './plan-tab'
import { at, bought, nothing, open, order } from './test-billing'

globalThis.matchMedia = () => ({ matches: false }) as MediaQueryList

afterEach(() => {
  queryClient.clear()
  vi.unstubAllGlobals()
})

test('a plan is cancelled after a question, and kept again', async () => {
  let held = bought
  const become = (status: typeof held.status) => () => {
    held = { ...held, status }
    return held
  }
  open(<PlanTab />, '/settings/plan', {
    'GET /api/v1/billing/subscription': () => held,
    'GET /api/v1/billing/invoices': () => [{ ...order, state: 'paid', paid_at: at }],
    'POST /api/v1/billing/cancel': become('canceled'),
    'POST /api/v1/billing/reactivate': become('active'),
  })
  await screen.findByText(/^Paid until/)
  expect(await screen.findByText('sub_1')).toBeInTheDocument()
  await userEvent.click(screen.getByRole('button', { name: 'Cancel plan' }))
  const dialog = await screen.findByRole('dialog', { name: 'Cancel Basic?' }, { timeout: 4_000 })
  expect(dialog).toHaveTextContent('It stays good until')
  const yes = Array.from(dialog.querySelectorAll('button')).find((one) => one.textContent === 'Cancel plan')
  await userEvent.click(yes as HTMLElement)
  await screen.findByText(/^Cancelled\. It is good until/)
  await userEvent.click(screen.getByRole('button', { name: 'Keep the plan' }))
  await screen.findByText(/^Paid until/)
})

test('who has bought nothing is led to the plans', async () => {
  open(<PlanTab />, '/settings/plan', {
    'GET /api/v1/billing/subscription': () => nothing,
    'GET /api/v1/billing/invoices': () => [],
  })
  await screen.findByText('You have not bought a plan.')
  expect(screen.getByRole('link', { name: 'See the plans' })).toHaveAttribute('href', '/plans')
  expect(screen.queryByRole('button')).toBeNull()
  expect(await screen.findByText('You have paid nothing yet.')).toBeInTheDocument()
})
