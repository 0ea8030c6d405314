import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'
import { Field } from './field'
import { PasswordField } from './password-field'
import { TextArea } from './text-area'

test.each([
  ['a field', Field],
  ['a field of several lines', TextArea],
])('%s has its label as its name, and its hint or what is wrong with it as its description', async (_, Shown) => {
  const { rerender } = render(<Shown label="Title" />)
  const field = screen.getByRole('textbox', { name: 'Title' })
  expect(field).not.toHaveAttribute('aria-describedby')
  rerender(<Shown label="Title" hint="A few words" />)
  expect(field).toHaveAccessibleDescription('A few words')
  expect(field).not.toBeInvalid()
  rerender(<Shown label="Title" hint="A few words" error="Too long" />)
  expect(field).toHaveAccessibleDescription('Too long')
  expect(field).toBeInvalid()
  await userEvent.click(screen.getByText('Title'))
  expect(field).toHaveFocus()
  await userEvent.keyboard('Owls')
  expect(field).toHaveValue('Owls')
})

test.each([
  ['a field', Field],
  ['a field of several lines', TextArea],
])('%s that is disabled is passed over', async (_, Shown) => {
  render(
    <>
      <Shown label="Title" disabled />
      <Shown label="Name" />
    </>,
  )
  await userEvent.tab()
  expect(screen.getByRole('textbox', { name: 'Name' })).toHaveFocus()
  expect(screen.getByRole('textbox', { name: 'Title' })).toBeDisabled()
})

test('two fields with the same label are described each by its own note', () => {
  render(
    <>
      <Field label="Name" error="Too short" />
      <Field label="Name" error="Too long" />
    </>,
  )
  const [one, other] = screen.getAllByRole('textbox', { name: 'Name' })
  expect(one).toHaveAccessibleDescription('Too short')
  expect(other).toHaveAccessibleDescription('Too long')
})

test('a password is hidden until its characters are asked for', async () => {
  render(<PasswordField label="Password" />)
  const field = screen.getByLabelText('Password')
  expect(field).toHaveAttribute('type', 'password')
  await userEvent.type(field, 'secret')
  await userEvent.click(screen.getByRole('button', { name: 'Show the characters' }))
  expect(field).toHaveAttribute('type', 'text')
  expect(field).toHaveValue('secret')
  await userEvent.click(screen.getByRole('button', { name: 'Hide the characters' }))
  expect(field).toHaveAttribute('type', 'password')
})
