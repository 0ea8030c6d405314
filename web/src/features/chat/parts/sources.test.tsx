import { fireEvent, render, screen } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'
import { Citation } from '../../../components/markdown/citation'
import { TooltipProvider } from '../../../components/ui/tooltip'
import type { Source } from '../types'
import { Cited } from './sources'

const herons = { n: 2, title: 'Herons', url: 'https://birds.example/herons', snippet: 'They eat fish.' }
const storks = { n: 3, title: '', url: 'https://birds.example/storks', snippet: '' }
const bad = { n: 4, title: 'Bad', url: 'javascript:alert(1)', snippet: '' }

const show = (sources: Source[]) =>
  render(
    <TooltipProvider>
      <Cited sources={sources}>
        <p>
          Fish <Citation value="2" /> <Citation value="3" /> <Citation value="4" />
        </p>
      </Cited>
    </TooltipProvider>,
  )

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: vi.fn(), removeEventListener: vi.fn() }))
})

test('a number opens the sources at its own, and only pages are linked', async () => {
  const { container } = show([herons, storks, bad])
  expect(container.querySelector('p')?.textContent).toBe('Fish 2 3 [4]')
  fireEvent.click(screen.getByRole('button', { name: 'Source 2: Herons' }))
  const link = await screen.findByRole('link', { name: 'Source 2: Herons' })
  expect(link).toHaveAttribute('href', 'https://birds.example/herons')
  expect(link).toHaveAttribute('rel', 'noopener noreferrer')
  expect(link).toHaveFocus()
  expect(screen.getAllByText('birds.example')).toHaveLength(2)
  expect(screen.getByText('They eat fish.')).toBeInTheDocument()
  expect(screen.getAllByRole('link')).toHaveLength(2)

  fireEvent.click(screen.getByRole('button', { name: 'Source 3: https://birds.example/storks' }))
  expect(screen.getByRole('link', { name: 'Source 3: https://birds.example/storks' })).toHaveFocus()
  fireEvent.click(screen.getByRole('button', { name: 'Close' }))
  expect(screen.queryByRole('dialog')).toBeNull()
})

test('all of them are opened by their count, and without any there is nothing to open', async () => {
  const { unmount } = show([herons, storks])
  fireEvent.click(screen.getByRole('button', { name: '2 sources' }))
  expect(await screen.findByRole('dialog', { name: 'Sources' })).toBeInTheDocument()
  fireEvent.click(screen.getByRole('button', { name: 'Close' }))
  unmount()
  show([bad])
  expect(screen.queryByRole('button')).toBeNull()
})
