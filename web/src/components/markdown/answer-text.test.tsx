import { act, render, screen } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'

beforeEach(() => void vi.resetModules())

test('the room of a text is kept until its renderer is there', async () => {
  const { AnswerText } = await import('./answer-text')
  render(<AnswerText text="some **bold** text" running={false} />)
  expect(screen.getByText('some **bold** text')).toHaveClass('invisible')
  await act(() => vi.dynamicImportSettled())
  expect(screen.getByText('bold')).toBeInTheDocument()
  expect(document.querySelector('.invisible')).toBeNull()
})

test('with the renderer there, a text is in sight from the first moment', async () => {
  const { AnswerText, preloadMarkdown } = await import('./answer-text')
  preloadMarkdown()
  await vi.dynamicImportSettled()
  render(<AnswerText text="some **bold** text" running={false} />)
  expect(screen.getByText('bold')).toBeInTheDocument()
})
