import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { queryClient } from '../../lib/query-client'
import { PlansPage } from './plans-page'
import { basic, bought, free, nothing, open } from './test-billing'

afterEach(() => {
  queryClient.clear()
  vi.unstubAllGlobals()
})

test('one’s own plan is marked, and buying leads to the page where it is paid', async () => {
  const assign = vi.fn()
  vi.stubGlobal('location', { ...location, assign })
  const asked = open(<PlansPage />, '/plans', {
    'GET /api/v1/plans': () => [free, basic],
    'GET /api/v1/billing/subscription': () => nothing,
    'POST /api/v1/billing/checkout': () => ({ order: 'sub_1', payment_url: 'https://pay.example/1' }),
  })
  const [mine, other] = await screen.findAllByRole('listitem', { current: undefined }).then((all) => {
    const cards = all.filter((one) => within(one).queryByRole('heading'))
    return [cards[0], cards[1]] as [HTMLElement, HTMLElement]
  })
  expect(mine).toHaveTextContent('Your plan')
  expect(within(mine).queryByRole('button')).toBeNull()
  expect(other).not.toHaveTextContent('Your plan')
  await userEvent.click(within(other).getByRole('button', { name: /Pay TND.30/ }))
  await waitFor(() => expect(assign).toHaveBeenCalledWith('https://pay.example/1'))
  expect(asked).toContain('POST /api/v1/billing/checkout')
})

test('a plan that was bought can be renewed and says until when it is paid', async () => {
  open(<PlansPage />, '/plans', {
    'GET /api/v1/plans': () => [free, basic],
    'GET /api/v1/billing/subscription': () => bought,
  })
  expect(await screen.findByRole('button', { name: /Renew for TND.30/ })).toBeEnabled()
  expect(screen.getByText(/^Paid until/)).toBeInTheDocument()
  expect(screen.getByRole('link', { name: 'Plan and payments' })).toHaveAttribute('href', '/settings/plan')
})

test('where nothing can be bought there is nothing to press', async () => {
  open(<PlansPage />, '/plans', {
    'GET /api/v1/plans': () => [free, { ...basic, can_buy: false }],
    'GET /api/v1/billing/subscription': () => nothing,
  })
  expect(await screen.findByText('Nothing can be bought on this server at the moment.')).toBeInTheDocument()
  expect(screen.queryByRole('button')).toBeNull()
})
