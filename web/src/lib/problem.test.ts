import { expect, test } from 'vitest'
import { Problem } from './problem'

const refused = (detail: string, ...pointers: string[]) =>
  new Problem(
    { code: 'validation_failed', detail, errors: pointers.map((pointer) => ({ pointer, message: 'is wrong' })) },
    new Response('', { status: 422 }),
  )

test('fields are named as people name them', () => {
  expect(refused('`current_password` is not your password.', '/current_password').message).toBe(
    'Current password is not your password.',
  )
  expect(refused('Either `email` or `user_name` is needed.', '/email', '/user_name').message).toBe(
    'Either email or user name is needed.',
  )
})

test('what is no field is left as it is, and what a field has to hear is found by its name', () => {
  const problem = refused('Set `OPENAI_API_KEY` for `email`.', '/password')
  expect(problem.message).toBe('Set `OPENAI_API_KEY` for `email`.')
  expect(problem.of('password')).toBe('is wrong')
  expect(problem.of('email')).toBeUndefined()
})
