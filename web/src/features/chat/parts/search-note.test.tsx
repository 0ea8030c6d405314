import { render, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { SearchNote } from './search-note'

test.each([
  ['running', true, 'Searching the web…'],
  ['running', false, 'The search failed. Answered without it.'],
  ['completed', true, 'Searched the web'],
  ['failed', true, 'The search failed. Answered without it.'],
])('a search that is %s, in an answer that grows (%s), says so', (state, growing, said) => {
  render(<SearchNote state={state} growing={growing} />)
  expect(screen.getByText(said)).toBeInTheDocument()
})
