import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { Problem } from '../../lib/problem'
import { notify, notifyError, useNotices } from '../../lib/toast'
import { Toaster } from './toaster'

globalThis.matchMedia ??= (() => ({
  matches: false,
  addEventListener() {},
  removeEventListener() {},
})) as unknown as typeof matchMedia

Element.prototype.setPointerCapture ??= () => {}

afterEach(() => useNotices.setState({ waiting: [], wanted: false }))

test('what was said before it was there is shown, once', async () => {
  notify('Saved the first')
  render(<Toaster />)
  expect(await screen.findByText('Saved the first')).toBeInTheDocument()
  expect(useNotices.getState().waiting).toEqual([])
  notify('Saved the second')
  expect(await screen.findByText('Saved the second')).toBeInTheDocument()
  expect(screen.getAllByText('Saved the first')).toHaveLength(1)
})

test('notices are told to who does not see them, without a change of focus', async () => {
  render(
    <>
      <textarea aria-label="Message" />
      <Toaster />
    </>,
  )
  await userEvent.click(screen.getByRole('textbox', { name: 'Message' }))
  notify('Renamed')
  const said = await screen.findByText('Renamed')
  expect(said.closest('[aria-live="polite"]')).not.toBeNull()
  expect(screen.getByRole('textbox', { name: 'Message' })).toHaveFocus()
})

test('what a notice offers is a button', async () => {
  const perform = vi.fn()
  render(<Toaster />)
  notify('Deleted', { action: { label: 'Undo', perform } })
  await userEvent.click(await screen.findByRole('button', { name: 'Undo' }))
  expect(perform).toHaveBeenCalledOnce()
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull())
})

test('an error says what the server said, or that it is out of reach', async () => {
  render(<Toaster />)
  notifyError(new Problem({ code: 'in_trash', detail: 'It is in the trash.' }, new Response(null, { status: 409 })))
  expect(await screen.findByText('It is in the trash.')).toBeInTheDocument()
  notifyError(new TypeError('Failed to fetch'))
  expect(await screen.findByText('No connection to the server. Check the network and try again.')).toBeInTheDocument()
})
