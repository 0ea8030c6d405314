import { render, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { Sources } from './sources'

test('sources have their number, host and passage, and only pages are linked', () => {
  render(
    <Sources
      sources={[
        { n: 2, title: 'Herons', url: 'https://birds.example/herons', snippet: 'They eat fish.' },
        { n: 3, title: 'Bad', url: 'javascript:alert(1)', snippet: '' },
      ]}
    />,
  )
  expect(screen.getByText('1 source')).toBeInTheDocument()
  const link = screen.getByText('Herons')
  expect(link).toHaveAttribute('rel', 'noopener noreferrer')
  expect(link.closest('li')).toHaveAttribute('value', '2')
  expect(screen.getByText('birds.example')).toBeInTheDocument()
  expect(screen.getByText('They eat fish.')).toBeInTheDocument()
  expect(screen.queryByText('Bad')).toBeNull()
})
