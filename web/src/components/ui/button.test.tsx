import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { Button } from './button'
import { IconButton } from './icon-button'

test('a button is reached and pressed by the keyboard', async () => {
  const onClick = vi.fn()
  render(<Button onClick={onClick}>Save</Button>)
  await userEvent.tab()
  expect(screen.getByRole('button', { name: 'Save' })).toHaveFocus()
  await userEvent.keyboard('{Enter} ')
  expect(onClick).toHaveBeenCalledTimes(2)
})

test('a button in a form does not send it by itself', async () => {
  const onSubmit = vi.fn((event: React.FormEvent) => event.preventDefault())
  render(
    <form onSubmit={onSubmit}>
      <Button>Look</Button>
      <Button type="submit">Send</Button>
    </form>,
  )
  await userEvent.click(screen.getByRole('button', { name: 'Look' }))
  expect(onSubmit).not.toHaveBeenCalled()
  await userEvent.click(screen.getByRole('button', { name: 'Send' }))
  expect(onSubmit).toHaveBeenCalledOnce()
})

test('a disabled button is passed over and does nothing', async () => {
  const onClick = vi.fn()
  render(
    <>
      <Button disabled onClick={onClick}>
        Save
      </Button>
      <Button>Next</Button>
    </>,
  )
  await userEvent.tab()
  expect(screen.getByRole('button', { name: 'Next' })).toHaveFocus()
  screen.getByRole('button', { name: 'Save' }).click()
  expect(onClick).not.toHaveBeenCalled()
})

test('while it loads it is busy, keeps its words and cannot be pressed', () => {
  const onClick = vi.fn()
  render(
    <Button loading onClick={onClick}>
      Save
    </Button>,
  )
  const button = screen.getByRole('button')
  expect(button).toHaveAttribute('aria-busy', 'true')
  expect(button).toHaveTextContent('Save')
  expect(button).toBeDisabled()
  button.click()
  expect(onClick).not.toHaveBeenCalled()
})

test('a button that shows only an icon has a name', () => {
  render(
    <IconButton label="Close">
      <svg aria-hidden="true" />
    </IconButton>,
  )
  expect(screen.getByRole('button', { name: 'Close' })).toHaveAttribute('data-tip', 'Close')
})
