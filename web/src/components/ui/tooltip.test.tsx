import { act, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Tooltip, TooltipProvider } from './tooltip'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function show() {
  render(
    <TooltipProvider>
      <Tooltip text="New chat" keys="Ctrl O">
        <button type="button" aria-label="New chat" />
      </Tooltip>
      <Tooltip text="Search">
        <button type="button" aria-label="Search" />
      </Tooltip>
    </TooltipProvider>,
  )
}

const button = (name: string) => screen.getByRole('button', { name })
const pass = (ms: number) => act(() => vi.advanceTimersByTime(ms))
const point = (name: string, pointerType = 'mouse') =>
  fireEvent(button(name), Object.assign(new Event('pointerover', { bubbles: true }), { pointerType }))

test('who points at a control for a while reads what it does and its keys', () => {
  show()
  point('New chat')
  pass(400)
  expect(screen.queryByRole('tooltip')).toBeNull()
  pass(200)
  expect(screen.getByRole('tooltip')).toHaveTextContent('New chatCtrl O')
  expect(button('New chat')).toHaveAccessibleDescription(expect.stringContaining('New chat'))
})

test('the next control does not make anybody wait again', () => {
  show()
  point('New chat')
  pass(600)
  point('Search')
  expect(screen.getByRole('tooltip')).toHaveTextContent('Search')
  expect(button('New chat')).not.toHaveAttribute('aria-describedby')
})

test('a key takes it away, and so does a press', () => {
  show()
  for (const leave of [
    () => fireEvent.keyDown(button('New chat'), { key: 'Escape' }),
    () => fireEvent(button('New chat'), new Event('pointerdown', { bubbles: true })),
  ]) {
    point('New chat')
    pass(600)
    expect(screen.getByRole('tooltip')).toBeVisible()
    leave()
    expect(screen.queryByRole('tooltip')).toBeNull()
    expect(button('New chat')).not.toHaveAttribute('aria-describedby')
  }
})

test('a finger that touches a control shows none', () => {
  show()
  point('New chat', 'touch')
  pass(2_000)
  expect(screen.queryByRole('tooltip')).toBeNull()
})
