import { expect, test } from 'vitest'
import { announce, useAnnouncement } from './announce'

test('the same words are something new each time they are said', () => {
  const heard: string[] = []
  const stop = useAnnouncement.subscribe(({ text, times }) => heard.push(`${times} ${text}`))
  announce('Copied')
  announce('Copied')
  stop()
  expect(heard).toHaveLength(2)
  expect(new Set(heard).size).toBe(2)
})
