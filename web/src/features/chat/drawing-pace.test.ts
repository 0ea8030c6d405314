import { expect, test, vi } from 'vitest'
import { drawingPause, pauseFor, watchDrawing } from './drawing-pace'

test('a fast drawing comes often, a slow one seldom, and none waits for long', () => {
  expect(pauseFor(1)).toBe(40)
  expect(pauseFor(20)).toBe(100)
  expect(pauseFor(1_000)).toBe(200)
})

test('what a drawing costs is its script and its frame, not the wait between them', async () => {
  const frames: FrameRequestCallback[] = []
  vi.stubGlobal('requestAnimationFrame', (run: FrameRequestCallback) => frames.push(run))
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
  try {
    watchDrawing()
    clock.mockReturnValue(10)
    await vi.waitFor(() => expect(frames).toHaveLength(1))
    clock.mockReturnValue(500)
    frames[0]?.(500)
    clock.mockReturnValue(515)
    await vi.waitFor(() => expect(drawingPause()).toBe(125))
  } finally {
    clock.mockRestore()
    vi.unstubAllGlobals()
  }
})
