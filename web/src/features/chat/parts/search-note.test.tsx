import { render, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { SearchNote } from './search-note'

test.each([
  ['running', 'Searching the web…'],
  ['completed', 'Searched the web'],
  ['failed', 'The search failed. Answered without it.'],
])('a search that is %s says so', (state, said) => {
  render(<SearchNote state={state} />)
  expect(screen.getByText(said)).toBeInTheDocument()
})
