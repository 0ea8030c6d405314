import { QueryClientProvider } from '@tanstack/react-query'
import { fireEvent, render, screen } from '@testing-library/react'
import { beforeEach, expect, test } from 'vitest'
import { TooltipProvider } from '../../components/ui/tooltip'
import { queryClient } from '../../lib/query-client'
import type { components } from '../../lib/schema'
import { instance } from '../accounts/queries'
import { changeDraft, draftOf, forgetDrafts, moveNewDraft, openDrafts, type Place } from './drafts'
import { WebToggle } from './web-toggle'

function show(place: Place, web_search = true) {
  queryClient.setQueryData(instance.queryKey, { web_search } as components['schemas']['Instance'])
  return render(
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <WebToggle place={place} />
      </TooltipProvider>
    </QueryClientProvider>,
  )
}

beforeEach(() => {
  forgetDrafts()
  openDrafts(1)
})

test('the choice is kept with the draft, beside the others, and goes with a new chat', () => {
  changeDraft('new', { options: { temperature: 1 } })
  show('new')
  const toggle = screen.getByRole('button', { name: 'Web' })
  expect(toggle).toHaveAttribute('aria-pressed', 'false')
  fireEvent.click(toggle)
  expect(draftOf('new').options).toEqual({ temperature: 1, use_rag: true })
  expect(screen.getByRole('button', { name: 'Web' })).toHaveAttribute('aria-pressed', 'true')
  moveNewDraft(7, true)
  expect(draftOf(7).options).toEqual({ temperature: 1, use_rag: true })
  expect(draftOf('new').options).toEqual({})
})

test('it is switched off again, and is not there where nothing is searched', () => {
  changeDraft(5, { options: { use_rag: true } })
  const { unmount } = show(5)
  fireEvent.click(screen.getByRole('button', { name: 'Web' }))
  expect(draftOf(5).options).toEqual({})
  unmount()
  show(5, false)
  expect(screen.queryByRole('button')).toBeNull()
})
