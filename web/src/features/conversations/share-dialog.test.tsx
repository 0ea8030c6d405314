import { QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { TooltipProvider } from '../../components/ui/tooltip'
import { queryClient } from '../../lib/query-client'
import { ShareDialog } from './share-dialog'
import type { Conversation } from './types'

// Asked once more when the dialog is gone.
globalThis.matchMedia = () => ({ matches: false }) as MediaQueryList

afterEach(() => {
  queryClient.clear()
  vi.unstubAllGlobals()
})

const url = 'http://chat.test/s/abc'
const times = { created_at: '2026-11-14T12:00:00.000Z', updated_at: '2026-11-14T12:00:00.000Z' }
const link = { token: 'abc', url, ...times }

function open(answers: Record<string, () => Response>) {
  const asked: string[] = []
  vi.stubGlobal('fetch', async ({ method }: Request) => {
    asked.push(method)
    return answers[method.toLowerCase()]?.() ?? new Response(null, { status: 500 })
  })
  const onClose = vi.fn()
  render(
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <ShareDialog held={{ id: 1, title: 'Plans' } as Conversation} onClose={onClose} />
      </TooltipProvider>
    </QueryClientProvider>,
  )
  return { asked, onClose }
}

const json = (body: unknown) => () => new Response(JSON.stringify(body))
const notShared = json({ shared: false, token: null, url: null, created_at: null, updated_at: null })

test('a link is made when it is asked for, is ready to be copied, and can be revoked', async () => {
  const { asked } = open({ get: notShared, post: json(link), delete: () => new Response(null, { status: 204 }) })
  await userEvent.click(await screen.findByRole('button', { name: 'Create link' }))
  const field = await screen.findByRole('textbox', { name: 'Link' })
  expect(field).toHaveValue(url)
  expect(field).toHaveFocus()
  expect(screen.getByRole('button', { name: 'Copy link' })).toBeEnabled()
  await userEvent.click(screen.getByRole('button', { name: 'Revoke link' }))
  await screen.findByRole('button', { name: 'Create link' })
  expect(screen.queryByRole('textbox')).toBeNull()
  expect(asked).toEqual(['GET', 'POST', 'DELETE'])
})

test('a link that there is can be brought up to date', async () => {
  const later = { ...link, updated_at: '2026-11-15T12:00:00.000Z' }
  const { asked } = open({ get: json({ shared: true, ...link }), post: json(later) })
  await screen.findByText(/14 Nov 2026|Nov 14, 2026/)
  await userEvent.click(screen.getByRole('button', { name: 'Update link' }))
  await screen.findByText(/15 Nov 2026|Nov 15, 2026/)
  expect(asked).toEqual(['GET', 'POST'])
})

test('what the server refuses leaves the dialog as it was', async () => {
  open({ get: json({ shared: true, ...link }), delete: () => new Response('{}', { status: 409 }) })
  await userEvent.click(await screen.findByRole('button', { name: 'Revoke link' }))
  expect(await screen.findByRole('button', { name: 'Revoke link' })).toBeEnabled()
  expect(screen.getByRole('textbox', { name: 'Link' })).toHaveValue(url)
})
