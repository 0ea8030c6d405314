import { QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { queryClient } from '../../lib/query-client'
import { me } from '../accounts/queries'
import type { User } from '../accounts/types'
import { models } from '../models/queries'
import type { ModelCard } from '../models/types'
import { ModelTab } from './model-tab'

afterEach(() => {
  queryClient.clear()
  vi.unstubAllGlobals()
})

function open(preferences: User['preferences'], answer: (body: object) => Response) {
  const sent: object[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    const body = await request.json()
    sent.push(body)
    return answer(body)
  })
  queryClient.setQueryData(me.queryKey, { id: 1, username: 'ada', preferences } as User)
  const cards = ['sonata', 'nocturne'].map((id) => ({ id, name: id, available: true, allowed: true }) as ModelCard)
  queryClient.setQueryData(models.queryKey, cards)
  render(
    <QueryClientProvider client={queryClient}>
      <ModelTab />
    </QueryClientProvider>,
  )
  return sent
}

const kept = (body: object) => new Response(JSON.stringify(body))

test('instructions are kept for every device, and empty ones are taken back', async () => {
  const sent = open({ custom_instructions: 'Be brief.' }, kept)
  const field = screen.getByRole('textbox', { name: 'What should the model know or do?' })
  expect(field).toHaveValue('Be brief.')
  await userEvent.clear(field)
  await userEvent.type(field, 'Be long.')
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  expect(await screen.findByText('Saved')).toBeInTheDocument()
  await userEvent.clear(field)
  await userEvent.click(screen.getByRole('button', { name: 'Save' }))
  await vi.waitFor(() => expect(sent).toEqual([{ custom_instructions: 'Be long.' }, { custom_instructions: null }]))
})

test('a default model is kept as it is picked, and shown as before if it is refused', async () => {
  let refuse = false
  const sent = open({}, (body) => (refuse ? new Response('{}', { status: 422 }) : kept(body)))
  const choice = screen.getByRole('combobox', { name: 'Default model' })
  expect(choice).toHaveDisplayValue('The last one chosen')
  await userEvent.selectOptions(choice, 'nocturne')
  await screen.findByText('Saved')
  expect(choice).toHaveValue('nocturne')
  refuse = true
  await userEvent.selectOptions(choice, 'sonata')
  await vi.waitFor(() => expect(choice).toHaveValue('nocturne'))
  expect(sent).toEqual([{ default_model: 'nocturne' }, { default_model: 'sonata' }])
})
