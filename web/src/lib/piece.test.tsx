import { act, render, screen } from '@testing-library/react'
import { Component, type ReactNode } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { type Piece, piece, usePiece } from './piece'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

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

test('what could not be had after several tries is asked for again, and only then an error', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 200 })
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const fetchCode = vi.fn(() => Promise.reject<string>(new Error('it is gone')))
  const code = piece(fetchCode)
  await expect(code.load()).rejects.toThrow('it is gone')
  expect(fetchCode).toHaveBeenCalledTimes(3)
  render(
    <Boundary>
      <Shown code={code} />
    </Boundary>,
  )
  expect(screen.getByText('not yet')).toBeInTheDocument()
  expect(await screen.findByText('it is gone', {}, { timeout: 10_000 })).toBeInTheDocument()
  expect(fetchCode).toHaveBeenCalledTimes(6)
})

test('without a network it waits for one, and asks again', async () => {
  const onLine = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
  const fetchCode = vi.fn(async () => {
    if (!navigator.onLine) throw new Error('no network')
    return 'the code'
  })
  const code = piece(fetchCode)
  render(<Shown code={code} />)
  await act(async () => undefined)
  expect(screen.getByText('not yet')).toBeInTheDocument()
  expect(fetchCode).toHaveBeenCalledTimes(1)
  onLine.mockReturnValue(true)
  await act(async () => void dispatchEvent(new Event('online')))
  expect(screen.getByText('the code')).toBeInTheDocument()
})
