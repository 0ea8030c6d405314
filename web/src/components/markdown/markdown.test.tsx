import { act, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { TooltipProvider } from '../ui/tooltip'
import { Markdown } from './markdown'

async function show(text: string, running = false) {
  const shown = render(<Markdown text={text} running={running} />, { wrapper: TooltipProvider })
  await act(() => vi.dynamicImportSettled())
  return shown
}

test('links lead to pages and mail, and say where', async () => {
  await show('[site](https://a.example) [mail](mailto:a@b.example)')
  const link = screen.getByRole('link', { name: 'site' })
  expect(link).toHaveAttribute('rel', 'noopener noreferrer')
  expect(link).toHaveAttribute('target', '_blank')
  expect(link).toHaveAttribute('title', 'https://a.example')
  expect(screen.getAllByRole('link')).toHaveLength(2)
})

test.each([
  'javascript:alert(1)',
  'JAVASCRIPT:alert(1)',
  'java&Tab;script:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'file:///x',
  '/settings',
  '//a.example',
  '#composer',
  'blob:x',
])('%s is dead text', async (address) => {
  const { container } = await show(`[words](<${address}>) ![picture](<${address}>)`)
  expect(container.querySelector('a, img, iframe')).toBeNull()
  expect(screen.getByText('words')).toBeInTheDocument()
  expect(screen.getByText('picture')).toBeInTheDocument()
})

test('an image of another host waits for a click', async () => {
  const { container } = await show('![A boat](https://a.example/boat.png)')
  expect(container.querySelector('img, iframe')).toBeNull()
  expect(screen.getByText('From a.example, not loaded')).toBeInTheDocument()
  await userEvent.click(screen.getByRole('button', { name: 'Load image' }))
  expect(screen.getByTitle('A boat')).toHaveAttribute('sandbox', 'allow-scripts')
  expect(container.querySelector('img')).toBeNull()
})

test('an image in a link is its words', async () => {
  const { container } = await show('[![badge](https://a.example/b.png)](https://a.example)')
  expect(screen.getByRole('link', { name: 'Image: badge' })).toBeInTheDocument()
  expect(container.querySelector('button, img')).toBeNull()
})

test('notes of two texts have names of their own', async () => {
  const text = 'A claim[^1].\n\n[^1]: Its source.'
  await show(text)
  await show(text)
  const ids = [...document.querySelectorAll('[id]')].map((one) => one.id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(screen.getAllByRole('link', { name: 'Back to where note 1 is' })).toHaveLength(2)
})

test('a diagram is code while it is written', async () => {
  await show('```mermaid\nflowchart TD\n  A --> B\n', true)
  expect(document.querySelector('pre')).toHaveTextContent('A --> B')
  expect(screen.queryByRole('img')).toBeNull()
})
