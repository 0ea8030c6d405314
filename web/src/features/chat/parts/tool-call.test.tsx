import { render, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { ToolCallCard } from './tool-call'

const call = {
  type: 'tool_call',
  id: 'a',
  name: 'search',
  arguments: '{"q":"herons"}',
  duration_ms: null,
  result: null,
}

test('a tool that runs says so, and one that failed does not run on', () => {
  const { container, rerender } = render(<ToolCallCard part={{ ...call, state: 'running' }} />)
  expect(screen.getByText('Using search')).toBeInTheDocument()
  expect(container.querySelector('.stream-dot')).not.toBeNull()
  rerender(<ToolCallCard part={{ ...call, state: 'failed' }} />)
  expect(screen.getByText('search did not work')).toBeInTheDocument()
  expect(container.querySelector('.stream-dot')).toBeNull()
})

test('what went in and came out can be read, and how long it took', () => {
  render(<ToolCallCard part={{ ...call, state: 'completed', result: '<b>not JSON', duration_ms: 1_240 }} />)
  expect(screen.getByText(/"q": "herons"/)).toBeInTheDocument()
  expect(screen.getByText('<b>not JSON')).toBeInTheDocument()
  expect(screen.getByText('1.2 s')).toBeInTheDocument()
})

test('tools of the server are called in plain words, and those of others by their names', () => {
  const { container, rerender } = render(
    <ToolCallCard
      part={{ ...call, name: 'calculator', state: 'completed', result: '12345678901234567890', duration_ms: 3 }}
    />,
  )
  expect(screen.getByText('Used the calculator')).toBeInTheDocument()
  expect(screen.getByText('3 ms')).toBeInTheDocument()
  expect(screen.getByText('12345678901234567890')).toBeInTheDocument()
  expect(container.querySelector('.lucide-calculator')).not.toBeNull()
  rerender(<ToolCallCard part={{ ...call, name: 'constructor', state: 'completed' }} />)
  expect(screen.getByText('Used constructor')).toBeInTheDocument()
  expect(container.querySelector('.lucide-wrench')).not.toBeNull()
})

test('what is shown of a failed call is what went wrong', () => {
  render(<ToolCallCard part={{ ...call, state: 'failed', result: 'There is no such tool.' }} />)
  expect(screen.getByText('What went wrong')).toBeInTheDocument()
  expect(screen.queryByText('Result')).toBeNull()
  expect(screen.getByText('There is no such tool.')).toBeInTheDocument()
})
