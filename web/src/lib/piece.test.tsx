import { act, render, screen } from '@testing-library/react'
import { Component, type ReactNode } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { type Piece, piece, usePiece } from './piece'

afterEach(() => void vi.restoreAllMocks())

class Boundary extends Component<{ children: ReactNode }> {
  override state = { error: '' }
  static getDerivedStateFromError = (error: Error) => ({ error: error.message })
  override render = () => this.state.error || this.props.children
}

function Shown({ code }: { code: Piece<string> }) {
  return usePiece(code) ?? 'not yet'
}

test('what is there is drawn at once', async () => {
  const fetchCode = vi.fn(async () => 'the code')
  const code = piece(fetchCode)
  await code.load()
  render(<Shown code={code} />)
  expect(screen.getByText('the code')).toBeInTheDocument()
  expect(fetchCode).toHaveBeenCalledTimes(1)
})

test('what is not there is fetched, and drawn as soon as it comes', async () => {
  let come: (code: string) => void = () => undefined
  const code = piece(() => new Promise<string>((resolve) => (come = resolve)))
  render(<Shown code={code} />)
  expect(screen.getByText('not yet')).toBeInTheDocument()
  await act(async () => come('the code'))
  expect(screen.getByText('the code')).toBeInTheDocument()
})

test('what could not be fetched before is asked for again, and only then an error', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const code = piece<string>(() => Promise.reject(new Error('no network')))
  await expect(code.load()).rejects.toThrow('no network')
  render(
    <Boundary>
      <Shown code={code} />
    </Boundary>,
  )
  expect(screen.getByText('not yet')).toBeInTheDocument()
  expect(await screen.findByText('no network')).toBeInTheDocument()
})
