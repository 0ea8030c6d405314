import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { TitleField, useNaming } from './title-field'

function Named({ onSave }: { onSave: (title: string) => void }) {
  const { naming, back, begin, close } = useNaming<HTMLButtonElement>()
  return (
    <>
      {naming ? (
        <TitleField title="Goats" onSave={onSave} onClose={close} />
      ) : (
        <button ref={back} type="button" onClick={begin}>
          Goats
        </button>
      )}
      <input aria-label="elsewhere" />
    </>
  )
}

test('a key that ends the writing gives the focus back, and going elsewhere does not', async () => {
  const onSave = vi.fn()
  render(<Named onSave={onSave} />)
  const begin = () => userEvent.click(screen.getByRole('button'))
  await begin()
  await userEvent.keyboard('Herd{Enter}')
  expect(screen.getByRole('button')).toHaveFocus()
  await begin()
  await userEvent.keyboard('Nothing{Escape}')
  expect(screen.getByRole('button')).toHaveFocus()
  await begin()
  await userEvent.keyboard('Flock')
  await userEvent.click(screen.getByRole('textbox', { name: 'elsewhere' }))
  expect(screen.getByRole('textbox', { name: 'elsewhere' })).toHaveFocus()
  expect(onSave.mock.calls).toEqual([['Herd'], ['Flock']])
})
