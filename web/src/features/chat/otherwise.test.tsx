import { QueryClientProvider } from '@tanstack/react-query'
import { fireEvent, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { queryClient } from '../../lib/query-client'
import { models } from '../models/queries'
import { Otherwise } from './otherwise'
import { regenerate } from './send'
import { message } from './test-message'

vi.mock('./send', () => ({ regenerate: vi.fn() }))

const model = (id: string) => ({
  id,
  name: id.toUpperCase(),
  provider: 'x',
  context: null,
  capabilities: { reasoning: false, tools: false, vision: false },
  price: null,
  allowed: true,
  available: true,
})

const answer = message({ state: 'completed', parts: [{ type: 'text', text: 'Words' }] })

beforeEach(() => vi.stubGlobal('fetch', () => new Promise(() => undefined)))
afterEach(() => {
  queryClient.clear()
  vi.unstubAllGlobals()
})

function show(names: string[], props: Partial<Parameters<typeof Otherwise>[0]> = {}) {
  queryClient.setQueryData(models.queryKey, names.map(model) as never)
  render(
    <QueryClientProvider client={queryClient}>
      <Otherwise message={answer} busy={false} {...props} />
    </QueryClientProvider>,
  )
}

/** Opens the menu and gives what is in it. */
async function open(trigger: string) {
  await userEvent.click(screen.getByRole('button', { name: trigger }))
  await vi.waitFor(() => expect(document.querySelector('[role=menuitem]')).not.toBeNull(), 4_000)
  return [...document.querySelectorAll('[role=menuitem]')].map((item) => item.textContent)
}

test('with one model there is its length to choose', async () => {
  show(['a'])
  expect(await open('Answer differently')).toEqual(['Longer', 'Shorter'])
})

test('an answer can be asked for at another length', async () => {
  show(['a', 'b'])
  expect(await open('Answer differently')).toEqual(['Longer', 'Shorter', 'A', 'B'])
  fireEvent.click(screen.getByText('Shorter'))
  expect(regenerate).toHaveBeenLastCalledWith(answer, { style: 'shorter' })
})

test('or of another model', async () => {
  show(['a', 'b'])
  await open('Answer differently')
  fireEvent.click(screen.getByText('B'))
  expect(regenerate).toHaveBeenLastCalledWith(answer, { model: 'b' })
})

test('an answer that failed is asked for of another model only, if there is one', async () => {
  show(['a', 'b'], { failed: true })
  expect(await open('Other model')).toEqual(['A', 'B'])
})

test('without words there is nothing longer', () => {
  show(['a'], { message: message() })
  expect(screen.queryByRole('button')).toBeNull()
})
