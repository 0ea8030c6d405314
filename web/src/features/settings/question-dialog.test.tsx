import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, test, vi } from 'vitest'
import type { QuestionProps } from './question'
import { QuestionDialog } from './question-dialog'

// Asked when there is nothing to give the focus back to.
globalThis.matchMedia = () => ({ matches: false }) as MediaQueryList

function Page(props: Partial<QuestionProps>) {
  const [asking, setAsking] = useState(false)
  return (
    <>
      <button type="button" onClick={() => setAsking(true)}>
        Ask
      </button>
      <button type="button" id="next">
        Next
      </button>
      {asking ? (
        <QuestionDialog
          title="Delete it?"
          text="It is gone then."
          action="Delete"
          onYes={async () => undefined}
          onClose={() => setAsking(false)}
          {...props}
        />
      ) : null}
    </>
  )
}

async function ask(props: Partial<QuestionProps>) {
  render(<Page {...props} />)
  await userEvent.click(screen.getByRole('button', { name: 'Ask' }))
}

const button = (name: string) => screen.getByRole('button', { name })

test('what does nothing has the focus, and gives it back', async () => {
  const onYes = vi.fn(async () => undefined)
  await ask({ onYes })
  expect(screen.getByRole('dialog', { name: 'Delete it?', description: 'It is gone then.' })).toBeVisible()
  expect(button('Cancel')).toHaveFocus()
  await userEvent.keyboard('{Enter}')
  await waitFor(() => expect(button('Ask')).toHaveFocus())
  expect(onYes).not.toHaveBeenCalled()
})

test('what is done closes it, and the focus goes where it should', async () => {
  const onYes = vi.fn(async () => undefined)
  await ask({ onYes, after: () => document.getElementById('next') })
  await userEvent.click(button('Delete'))
  await waitFor(() => expect(button('Next')).toHaveFocus())
  expect(onYes).toHaveBeenCalledOnce()
  expect(screen.queryByRole('dialog')).toBeNull()
})

test('with a word, nothing is done until it is typed', async () => {
  const onYes = vi.fn(async () => undefined)
  await ask({ onYes, word: 'delete' })
  const field = screen.getByRole('textbox', { name: 'Type "delete" to confirm' })
  expect(field).toHaveFocus()
  await userEvent.keyboard('delet{Enter}')
  expect(button('Delete')).toBeDisabled()
  expect(onYes).not.toHaveBeenCalled()
  await userEvent.keyboard('e{Enter}')
  await waitFor(() => expect(onYes).toHaveBeenCalledOnce())
})

test('what fails may be tried again', async () => {
  await ask({ onYes: () => Promise.reject(new Error('no')) })
  await userEvent.click(button('Delete'))
  await waitFor(() => expect(button('Delete')).toBeEnabled())
  expect(screen.getByRole('dialog')).toContainElement(document.activeElement as HTMLElement)
})
