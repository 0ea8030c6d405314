import { QueryClientProvider } from '@tanstack/react-query'
import { act, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { BrowserRouter, Route, Routes } from 'react-router'
import { afterEach, expect, test, vi } from 'vitest'
import { TooltipProvider } from '../../components/ui/tooltip'
import { queryClient } from '../../lib/query-client'
import { ChatPage } from './chat-page'
import { forgetDrafts, openDrafts } from './drafts'
import { stopAllFollowing } from './turns'
import type { TurnEvent } from './types'

afterEach(() => {
  stopAllFollowing()
  queryClient.clear()
  vi.unstubAllGlobals()
})

/** Draws the page of an address for a person who is signed in. */
function open(address: string) {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: vi.fn(), removeEventListener: vi.fn() }))
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
    },
  )
  Element.prototype.scrollTo = () => undefined
  queryClient.setQueryData(['me'], { id: 1, username: 'ada' })
  forgetDrafts()
  openDrafts(1)
  history.replaceState(null, '', address)
  render(
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <BrowserRouter>
          <Routes>
            <Route path="/" element={<ChatPage />} />
            <Route path="/c/:id" element={<ChatPage />} />
          </Routes>
        </BrowserRouter>
      </TooltipProvider>
    </QueryClientProvider>,
  )
}

test('what is typed while a new chat begins stays in the field when its address changes', async () => {
  let answer: (response: Response) => void = () => undefined
  vi.stubGlobal('fetch', (request: Request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/api/v1/chat') return new Promise((resolve) => (answer = resolve))
    if (pathname === '/api/v1/models') return Promise.resolve(new Response('[]'))
    return new Promise(() => undefined)
  })
  open('/')
  const field = screen.getByRole('textbox', { name: 'Message' })
  await userEvent.type(field, 'hi{Enter}')
  await userEvent.type(field, 'queued{Enter}half a th')

  const seen = new Set<string>()
  const watcher = setInterval(() => seen.add((screen.getByRole('textbox') as HTMLTextAreaElement).value), 1)
  const ids = { turn_id: 7, conversation_id: 1, user_message_id: 1, message_id: 2 }
  const start: TurnEvent = { type: 'start', ...ids, model: 'sonata' }
  const frame = new TextEncoder().encode(`id: 7:1\ndata: ${JSON.stringify(start)}\n\n`)
  await act(async () => answer(new Response(new ReadableStream({ start: (to) => to.enqueue(frame) }))))
  await vi.waitFor(() => expect(location.pathname).toBe('/c/1'))
  clearInterval(watcher)
  expect([...seen].filter((text) => text !== 'half a th')).toEqual([])
  expect(screen.getByRole('textbox', { name: 'Message' })).toHaveValue('half a th')
  expect(screen.getByText('queued')).toBeInTheDocument()
})

test('a message that is sent before the others are read is in sight at once', async () => {
  vi.stubGlobal('fetch', () => new Promise(() => undefined))
  open('/c/1')
  await userEvent.type(screen.getByRole('textbox', { name: 'Message' }), 'hi{Enter}')
  expect(screen.getByRole('article', { name: 'You' })).toHaveTextContent('hi')
})
