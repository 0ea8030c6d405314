import { QueryClientProvider } from '@tanstack/react-query'
import { fireEvent, render, screen } from '@testing-library/react'
import { MemoryRouter, Route, Routes } from 'react-router'
import { afterEach, expect, test, vi } from 'vitest'
import { queryClient } from '../../lib/query-client'
import type { SharedConversation } from './queries'
import { SharedPage } from './shared-page'

globalThis.matchMedia = () => Object.assign(new EventTarget(), { matches: false }) as MediaQueryList

afterEach(() => {
  queryClient.clear()
  vi.unstubAllGlobals()
})

function open(answer: () => Response) {
  vi.stubGlobal('fetch', async ({ url }: Request) =>
    url.endsWith('/api/v1/shared/abc') ? answer() : new Response('{"name":"Colloquy"}'),
  )
  render(
    <QueryClientProvider client={queryClient}>
      <MemoryRouter initialEntries={['/s/abc']}>
        <Routes>
          <Route path="/s/:token" element={<SharedPage />} />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>,
  )
}

const at = '2026-11-14T12:00:00.000Z'
const held: SharedConversation = {
  title: 'Plans',
  shared_at: at,
  messages: [
    { role: 'user', content: 'and then?', parts: [{ type: 'text', text: 'and then?' }], created_at: at },
    {
      role: 'assistant',
      content: '**This.**',
      parts: [
        { type: 'tool_call', name: 'search', state: 'completed' },
        { type: 'text', text: '**This.**' },
        { type: 'source', n: 1, title: 'A page', url: 'https://example.org/', snippet: '' },
      ],
      created_at: at,
    },
  ],
}

test('everybody reads the conversation, and nobody writes in it', async () => {
  open(() => new Response(JSON.stringify(held)))
  await screen.findByRole('heading', { level: 1, name: 'Plans' })
  expect(screen.getByRole('article', { name: 'Question' })).toHaveTextContent('and then?')
  // The renderer is fetched first.
  expect((await screen.findByText('This.', {}, { timeout: 4_000 })).tagName).toBe('STRONG')
  expect(screen.getByText('Used search')).toBeInTheDocument()
  fireEvent.click(screen.getByRole('button', { name: '1 source' }))
  expect(await screen.findByRole('link', { name: /A page/ })).toHaveAttribute('rel', 'noopener noreferrer')
  expect(screen.queryByRole('textbox')).toBeNull()
  expect(screen.queryByRole('button', { name: 'Regenerate' })).toBeNull()
  expect(document.title).toBe('Plans')
})

test('a link that has ended says so', async () => {
  open(() => new Response('{"status":404}', { status: 404 }))
  await screen.findByRole('heading', { name: 'This link shows nothing any more' })
  expect(document.title).toBe('This link shows nothing any more')
})
