import { render, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { Reasoning } from './reasoning'

test.each([
  [12_400, 'Thought for 12 seconds'],
  [300, 'Thought for 1 second'],
  [undefined, 'Thought it through'],
])('a thought of %s ms says so', (duration_ms, name) => {
  render(<Reasoning text="hm" duration_ms={duration_ms} thinking={false} />)
  expect(screen.getByRole('button', { name })).toBeTruthy()
})

test('while it goes on it has no length yet', () => {
  render(<Reasoning text="hm" duration_ms={700} thinking />)
  expect(screen.queryByText(/Thought/)).toBeNull()
})
