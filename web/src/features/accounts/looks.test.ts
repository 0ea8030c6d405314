import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { usePreferences } from '../../lib/preferences'
import { queryClient } from '../../lib/query-client'
import { chooseLook, follow } from './looks'
import { me } from './queries'
import type { User } from './types'

beforeEach(() => usePreferences.setState({ theme: 'light', language: 'en', textSize: 'medium', sendOnEnter: true }))

afterEach(() => {
  queryClient.clear()
  vi.unstubAllGlobals()
})

test('what was chosen elsewhere is followed, and what was never chosen stays', () => {
  follow({ theme: 'dark', send_on_enter: false })
  expect(usePreferences.getState()).toMatchObject({ theme: 'dark', language: 'en', sendOnEnter: false })
  follow({ language: 'it-CH', font_size: 'large' })
  expect(usePreferences.getState()).toMatchObject({ theme: 'dark', language: 'it', textSize: 'large' })
  follow({ density: 'compact', whole_answers: true })
  expect(usePreferences.getState()).toMatchObject({ density: 'compact', wholeAnswers: true, textSize: 'large' })
  follow({ language: 'fr' })
  expect(usePreferences.getState().language).toBe('it')
})

test('a choice is in sight at once, and taken back if the server refuses it', async () => {
  queryClient.setQueryData(me.queryKey, { id: 1, username: 'ada', preferences: {} } as User)
  let answer = new Response('{"theme":"dark"}')
  vi.stubGlobal('fetch', async () => answer)
  const kept = chooseLook({ theme: 'dark' })
  expect(usePreferences.getState().theme).toBe('dark')
  expect(await kept).toBe(true)
  expect(queryClient.getQueryData(me.queryKey)?.preferences).toEqual({ theme: 'dark' })

  answer = new Response('{}', { status: 503 })
  expect(await chooseLook({ font_size: 'large' })).toBe(false)
  expect(usePreferences.getState()).toMatchObject({ theme: 'dark', textSize: 'medium' })
})
