import { QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactNode } from 'react'
import { MemoryRouter } from 'react-router'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { queryClient } from '../../lib/query-client'
import { useNotices } from '../../lib/toast'
import { draftOf, forgetDrafts, openDrafts } from '../chat/drafts'
import { useLive } from '../chat/live'
import { send } from '../chat/send'
import { forgetExhausted, useExhausted } from './exhausted'
import { usage } from './queries'
import { QuotaNotice } from './quota-notice'
import type { Usage } from './types'
import { UsageMeter } from './usage-meter'
import { UsageSection } from './usage-section'

const nextYear = `${new Date().getFullYear() + 1}-01-01T00:00:00.000Z`
const figures = (used: number, limit: number | null): Usage => ({
  plan: 'free',
  plan_name: 'Free',
  limit,
  used,
  remaining: limit === null ? null : Math.max(0, limit - used),
  resets_at: nextYear,
  prompt_tokens: 1234,
  completion_tokens: 56,
})

let answer: () => Response

beforeEach(() => {
  vi.stubGlobal('fetch', async () => answer())
  queryClient.clear()
  useLive.setState({ answers: {}, outgoing: {}, keys: {}, lost: new Set(), current: 'new', blockedUntil: 0 })
  forgetDrafts()
  openDrafts(1)
  forgetExhausted()
})

afterEach(() => vi.unstubAllGlobals())

function show(page: ReactNode) {
  render(
    <QueryClientProvider client={queryClient}>
      <MemoryRouter>{page}</MemoryRouter>
    </QueryClientProvider>,
  )
}

const refusal = () =>
  new Response(
    JSON.stringify({
      code: 'quota_exhausted',
      detail: 'This month’s messages are used up: 500 of 500.',
      used: 500,
      limit: 500,
      plan: 'free',
      resets_at: nextYear,
    }),
    { status: 429, headers: { 'Retry-After': '900000' } },
  )

test('a send that finds the month used up shows when there is more and the way to the plans, and keeps what was written', async () => {
  answer = refusal
  queryClient.setQueryData(usage.queryKey, figures(500, 500))
  show(<QuotaNotice />)
  send('new', 'my long question', null)
  await screen.findByRole('heading', { name: 'You used this month’s messages' })
  expect(screen.getByRole('alert')).toHaveTextContent(/Free · 500 of 500 · more on (1 January|January 1)/)
  expect(screen.getByRole('link', { name: 'See plans' })).toHaveAttribute('href', '/plans')
  expect(screen.getByRole('meter', { name: 'Messages used' })).toHaveAttribute('value', '500')
  // The field can be written in and sends again: nobody is kept waiting for the rest of the month.
  expect(draftOf('new').text).toBe('my long question')
  expect(useLive.getState().outgoing.new).toBeUndefined()
  expect(useLive.getState().blockedUntil).toBe(0)
  expect(useNotices.getState()).toEqual(useNotices.getInitialState())

  await userEvent.click(screen.getByRole('button', { name: 'Close' }))
  expect(screen.queryByRole('alert')).toBeNull()
})

test('a message that is taken takes the card away', async () => {
  answer = refusal
  show(<QuotaNotice />)
  send('new', 'once', null)
  await screen.findByRole('alert')
  const start = { type: 'start', turn_id: 7, conversation_id: 1, user_message_id: 1, message_id: 2, model: 'm' }
  const done = { type: 'done', message_id: 2, state: 'completed', finish_reason: 'stop', usage: null }
  answer = () =>
    new Response(
      `id: 7:1\ndata: ${JSON.stringify(start)}\n\nid: 7:2\ndata: ${JSON.stringify(done)}\n\ndata: [DONE]\n\n`,
    )
  send('new', 'twice', null)
  await vi.waitFor(() => expect(useExhausted.getState().month).toBeNull())
  await vi.waitFor(() => expect(screen.queryByRole('alert')).toBeNull())
})

test('the meter is there when four fifths of a month are used, and not before or where nothing limits', () => {
  queryClient.setQueryData(usage.queryKey, figures(15, 20))
  show(<UsageMeter />)
  expect(screen.queryByRole('link')).toBeNull()
  queryClient.setQueryData(usage.queryKey, figures(90, null))
  show(<UsageMeter />)
  expect(screen.queryByRole('link')).toBeNull()
  queryClient.setQueryData(usage.queryKey, figures(16, 20))
  show(<UsageMeter />)
  expect(screen.getAllByRole('link')[0]).toHaveTextContent('16 of 20')
  expect(screen.getAllByRole('meter', { name: 'Messages used' })[0]).toHaveAttribute('max', '20')
})

test('the settings tell what was used of the month', async () => {
  queryClient.setQueryData(usage.queryKey, figures(3, 20))
  show(<UsageSection />)
  expect(screen.getByText('3 of 20')).toBeInTheDocument()
  expect(screen.getByText('1,234 asked, 56 answered')).toBeInTheDocument()
  queryClient.setQueryData(usage.queryKey, figures(3, null))
  expect(await screen.findByText('3, without a limit')).toBeInTheDocument()
  expect(screen.queryByRole('meter')).toBeNull()
})
