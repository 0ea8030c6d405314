import { act, fireEvent, render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, test, vi } from 'vitest'
import { TooltipProvider } from '../../components/ui/tooltip'
import { Composer } from './composer'
import { asDraft, changeDraft, draftOf, forgetDrafts, openDrafts, type Place } from './drafts'
import { useLive } from './live'

const onSend = vi.fn()
const onStop = vi.fn()

function show(busy = false) {
  render(
    <TooltipProvider>
      <Composer place={5} busy={busy} recall={() => 'my last'} onSend={onSend} onStop={onStop} field={null} />
    </TooltipProvider>,
  )
  return screen.getByRole('textbox', { name: 'Message' })
}

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: vi.fn(), removeEventListener: vi.fn() }))
  forgetDrafts()
  openDrafts(1)
  onSend.mockClear()
  onStop.mockClear()
  useLive.setState({ blockedUntil: 0 })
})

test('Enter sends and Shift+Enter breaks the line', async () => {
  await userEvent.type(show(), 'a{Shift>}{Enter}{/Shift}b{Enter}')
  expect(onSend).toHaveBeenCalledExactlyOnceWith('a\nb', [])
})

test('Enter does not send while an input method composes', () => {
  const field = show()
  fireEvent.change(field, { target: { value: 'に' } })
  fireEvent.keyDown(field, { key: 'Enter', isComposing: true })
  expect(onSend).not.toHaveBeenCalled()
  fireEvent.keyDown(field, { key: 'Enter' })
  expect(onSend).toHaveBeenCalledTimes(1)
})

test('blank text cannot be sent', async () => {
  await userEvent.type(show(), '   {Enter}')
  expect(onSend).not.toHaveBeenCalled()
  expect(screen.getByRole('button', { name: 'Send' })).toBeDisabled()
})

test('Arrow up recalls the last own message, Escape empties the field again', async () => {
  const field = show()
  await userEvent.type(field, '{ArrowUp}')
  expect(field).toHaveValue('my last')
  await userEvent.type(field, '{Escape}')
  expect(field).toHaveValue('')
})

test('Arrow up again goes further back, Arrow down comes forward, and what was changed stays', async () => {
  const said = ['newest', 'two\nlines', 'oldest']
  render(
    <TooltipProvider>
      <Composer place={5} busy={false} recall={(back) => said[back]} onSend={onSend} onStop={onStop} field={null} />
    </TooltipProvider>,
  )
  const field = screen.getByRole<HTMLTextAreaElement>('textbox')
  await userEvent.type(field, '{ArrowUp}{ArrowUp}')
  expect(field).toHaveValue('two\nlines')
  // In the second line it is the caret that goes up.
  fireEvent.keyDown(field, { key: 'ArrowUp' })
  expect(field).toHaveValue('two\nlines')
  field.setSelectionRange(0, 0)
  fireEvent.keyDown(field, { key: 'ArrowUp' })
  expect(field).toHaveValue('oldest')
  fireEvent.keyDown(field, { key: 'ArrowUp' })
  expect(field).toHaveValue('oldest')
  fireEvent.keyDown(field, { key: 'ArrowDown' })
  expect(field).toHaveValue('two\nlines')
  await userEvent.type(field, '!')
  fireEvent.keyDown(field, { key: 'ArrowUp' })
  fireEvent.keyDown(field, { key: 'Escape' })
  expect(field).toHaveValue('two\nlines!')
})

test('what was recalled in one conversation takes nothing out of another', async () => {
  const composer = (place: Place) => (
    <TooltipProvider>
      <Composer place={place} busy={false} recall={() => 'my last'} onSend={onSend} onStop={onStop} field={null} />
    </TooltipProvider>
  )
  changeDraft(6, { text: 'a draft' })
  const { rerender } = render(composer(5))
  const field = screen.getByRole('textbox')
  await userEvent.type(field, '{ArrowUp}')
  rerender(composer(6))
  await userEvent.type(field, '{Escape}')
  expect(field).toHaveValue('a draft')
  expect(draftOf(6).text).toBe('a draft')
})

test('once what was recalled is sent, Escape is left to whoever else wants it', async () => {
  const field = show()
  onSend.mockImplementationOnce(() => changeDraft(5, { text: '' }))
  await userEvent.type(field, '{ArrowUp}{Enter}')
  expect(field).toHaveValue('')
  // False says that somebody has taken the key.
  expect(fireEvent.keyDown(field, { key: 'Escape' })).toBe(true)
})

test('while an answer runs, Enter queues a follow-up that can be edited or removed', async () => {
  const field = show(true)
  await userEvent.type(field, 'and then{Enter}')
  expect(onSend).not.toHaveBeenCalled()
  expect(draftOf(5)).toMatchObject({ text: '', queued: { text: 'and then' } })
  await userEvent.click(screen.getByRole('button', { name: 'Edit the follow-up' }))
  expect(field).toHaveValue('and then')
  await userEvent.type(field, '{Enter}')
  await userEvent.click(screen.getByRole('button', { name: 'Remove the follow-up' }))
  expect(draftOf(5).queued).toBeNull()
})

test('while an answer runs and nothing is typed, the button stops it', async () => {
  show(true)
  await userEvent.click(screen.getByRole('button', { name: 'Stop' }))
  expect(onStop).toHaveBeenCalledTimes(1)
})

test('while an answer runs, what is typed leaves the button that stops it', async () => {
  const field = show(true)
  await userEvent.type(field, 'and then')
  expect(screen.getByRole('button', { name: 'Send' })).toBeEnabled()
  await userEvent.click(screen.getByRole('button', { name: 'Stop' }))
  expect(onStop).toHaveBeenCalledTimes(1)
  expect(field).toHaveValue('and then')
})

test('a stop button that goes by itself gives the focus that it had to the field', async () => {
  const composer = (busy: boolean) => (
    <TooltipProvider>
      <Composer place={5} busy={busy} recall={() => undefined} onSend={onSend} onStop={onStop} field={null} />
    </TooltipProvider>
  )
  changeDraft(5, { text: 'and then' })
  const { rerender } = render(composer(true))
  screen.getByRole('button', { name: 'Stop' }).focus()
  rerender(composer(false))
  expect(screen.getByRole('textbox')).toHaveFocus()
})

test('after "too many" the button counts down', () => {
  useLive.setState({ blockedUntil: Date.now() + 7_500 })
  const field = show()
  fireEvent.change(field, { target: { value: 'x' } })
  expect(screen.getByRole('button', { name: 'Send' })).toBeDisabled()
  expect(screen.getByRole('button', { name: 'Send' })).toHaveTextContent('8')
})

test('a message waits for its files, and only in its own place', async () => {
  const file = {
    type: 'file' as const,
    id: 9,
    name: 'a.txt',
    kind: 'text' as const,
    media_type: 'text/plain',
    size: 7,
    width: null,
    height: null,
  }
  const ready = asDraft([file])
  const composer = (place: Place) => (
    <TooltipProvider>
      <Composer place={place} busy={false} recall={() => undefined} onSend={onSend} onStop={onStop} field={null} />
    </TooltipProvider>
  )
  changeDraft(5, { text: 'look', files: ready.map((one) => ({ ...one, sent: null })) })
  changeDraft(6, { text: 'something else' })
  const { rerender } = render(composer(5))
  await userEvent.type(screen.getByRole('textbox'), '{Enter}')
  rerender(composer(6))
  expect(onSend).not.toHaveBeenCalled()
  rerender(composer(5))
  expect(onSend).not.toHaveBeenCalled()
  act(() => changeDraft(5, { files: ready }))
  expect(onSend).toHaveBeenCalledExactlyOnceWith('look', [file])
})
