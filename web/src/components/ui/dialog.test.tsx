import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, test } from 'vitest'
import { Dialog, DialogClose, DialogContent, DialogDescription, DialogTitle } from './dialog'

// Asked when there is nothing to give the focus back to.
globalThis.matchMedia = () => ({ matches: false }) as MediaQueryList

/** A button that opens a dialog, and may go meanwhile. */
function Page({ keeps = true }: { keeps?: boolean }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      {keeps || !open ? (
        <button type="button" onClick={() => setOpen(true)}>
          Open
        </button>
      ) : null}
      <textarea id="composer" aria-label="Message" />
      <Dialog open={open} onOpenChange={setOpen}>
        <DialogContent>
          <DialogTitle>Share</DialogTitle>
          <DialogDescription>Anybody may read it.</DialogDescription>
          <DialogClose>Cancel</DialogClose>
          <button type="button">Make</button>
        </DialogContent>
      </Dialog>
    </>
  )
}

const button = (name: string) => screen.getByRole('button', { name })

async function open() {
  await userEvent.click(button('Open'))
  return screen.findByRole('dialog', { name: 'Share', description: 'Anybody may read it.' })
}

test('the focus goes into a dialog and stays in it', async () => {
  render(<Page />)
  await open()
  expect(button('Cancel')).toHaveFocus()
  await userEvent.tab()
  expect(button('Make')).toHaveFocus()
  await userEvent.tab()
  expect(button('Cancel')).toHaveFocus()
  await userEvent.tab({ shift: true })
  expect(button('Make')).toHaveFocus()
})

test('what lies under a dialog is hidden from assistive tools', async () => {
  render(<Page />)
  await open()
  expect(screen.queryByRole('textbox', { name: 'Message' })).toBeNull()
})

test.each(['{Escape}', '{Enter}'])('%s closes it, and the focus is where it was', async (key) => {
  render(<Page />)
  await open()
  await userEvent.keyboard(key)
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  await waitFor(() => expect(button('Open')).toHaveFocus())
})

test('where that is gone, the focus goes to the message field', async () => {
  render(<Page keeps={false} />)
  await open()
  await userEvent.keyboard('{Escape}')
  await waitFor(() => expect(screen.getByRole('textbox', { name: 'Message' })).toHaveFocus())
})
