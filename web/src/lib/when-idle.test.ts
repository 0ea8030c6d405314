import { afterEach, beforeEach, expect, test, vi } from 'vitest'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.resetModules()
})

/** The module in a browser that is quiet when it is told to. */
async function held() {
  let quiet = () => {}
  vi.resetModules()
  vi.stubGlobal('requestIdleCallback', (run: () => void) => {
    quiet = run
  })
  return { ...(await import('./when-idle')), quiet: () => quiet() }
}

test('what waits for a quiet moment begins in it, once', async () => {
  const { beginWhenIdle, quiet } = await held()
  const begin = vi.fn(() => () => {})
  beginWhenIdle(begin, 300)
  expect(begin).not.toHaveBeenCalled()
  quiet()
  vi.advanceTimersByTime(1_000)
  expect(begin).toHaveBeenCalledOnce()
})

test('a browser that is never quiet does not keep it from beginning', async () => {
  const { beginWhenIdle } = await held()
  const end = vi.fn()
  const begin = vi.fn(() => end)
  const stop = beginWhenIdle(begin, 300)
  vi.advanceTimersByTime(300)
  expect(begin).toHaveBeenCalledOnce()
  stop()
  expect(end).toHaveBeenCalledOnce()
})

test('what was ended before it began does not begin', async () => {
  const { beginWhenIdle, quiet } = await held()
  const begin = vi.fn(() => () => {})
  beginWhenIdle(begin, 300)()
  quiet()
  vi.advanceTimersByTime(1_000)
  expect(begin).not.toHaveBeenCalled()
})
