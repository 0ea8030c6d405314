import { act, renderHook, waitFor } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { longestSource } from './drawing'
import { useDrawing } from './use-drawing'

afterEach(() => void vi.useRealTimers())

test('a source that is too long is not drawn', async () => {
  const { result } = renderHook(() => useDrawing('x'.repeat(longestSource + 1), false, true))
  await waitFor(() => expect(result.current.failure).toBe('long'))
  expect(document.querySelector('iframe')).toBeNull()
})

test('nothing is asked for before it is wanted', () => {
  const { result } = renderHook(() => useDrawing('flowchart TD', false, false))
  expect(result.current).toEqual({})
  expect(document.querySelector('iframe')).toBeNull()
})

test('the page that draws has no origin, and is let go when it does not answer', async () => {
  vi.useFakeTimers()
  const { result } = renderHook(() => useDrawing('flowchart TD', false, true))
  await act(() => vi.advanceTimersByTimeAsync(1_000))
  expect(document.querySelector('iframe')?.getAttribute('sandbox')).toBe('allow-scripts')
  expect(result.current).toEqual({})
  await act(() => vi.advanceTimersByTimeAsync(20_000))
  expect(result.current).toEqual({ failure: 'slow' })
  expect(document.querySelector('iframe')).toBeNull()
})
