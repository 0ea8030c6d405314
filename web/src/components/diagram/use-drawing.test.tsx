import { renderHook, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { longestSource } from './drawing'
import { useDrawing } from './use-drawing'

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

test('the page that draws has no origin', async () => {
  renderHook(() => useDrawing('flowchart TD', false, true))
  await waitFor(() => expect(document.querySelector('iframe')).not.toBeNull())
  expect(document.querySelector('iframe')?.getAttribute('sandbox')).toBe('allow-scripts')
})
