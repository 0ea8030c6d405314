import { act, render } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { changeDraft, openDrafts } from '../chat/drafts'
import { Presence } from './presence'
import { usePresent } from './present'

const told: unknown[] = []
const tabs = new Set<string>()

beforeEach(() => {
  told.length = 0
  vi.useFakeTimers()
  vi.stubGlobal('fetch', async (request: Request) => {
    const { tab, ...body } = await request.json()
    tabs.add(tab)
    told.push({ path: new URL(request.url).pathname, ...body })
    return new Response(null, { status: 204 })
  })
  openDrafts(1)
  usePresent.setState({ isHeard: false })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const path = '/api/v1/conversations/7/presence'
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))

test('once the news are heard it is told who is here, again and again, who types, and who goes', async () => {
  changeDraft(7, { text: 'from before' })
  const { unmount } = render(<Presence conversation={7} />)
  await pass(10_000)
  expect(told).toEqual([])
  act(() => usePresent.setState({ isHeard: true }))
  await pass(0)
  expect(told.splice(0)).toEqual([{ path, typing: false }])
  await pass(10_000)
  expect(told.splice(0)).toEqual([{ path, typing: false }])

  act(() => changeDraft(7, { text: 'from before, and n' }))
  act(() => changeDraft(7, { text: 'from before, and now' }))
  await pass(0)
  expect(told.splice(0)).toEqual([{ path, typing: true }])
  await pass(4_000)
  expect(told.splice(0)).toEqual([{ path, typing: false }])

  unmount()
  await pass(0)
  expect(told.splice(0)).toEqual([{ path, typing: false, here: false }])
  await pass(60_000)
  expect(told).toEqual([])
  expect([...tabs], 'one tab').toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)])
})
