import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { http, useSessionEnded } from './http'

let valid = true
let refreshes = 0
let refreshAnswer = 200

beforeEach(() => {
  valid = false
  refreshes = 0
  refreshAnswer = 200
  useSessionEnded.setState({ ended: false })
  vi.stubGlobal('fetch', async (input: Request | string) => {
    const url = typeof input === 'string' ? input : input.url
    if (url.endsWith('/auth/refresh')) {
      refreshes += 1
      await new Promise((resolve) => setTimeout(resolve, 20))
      if (refreshAnswer === 0) throw new TypeError('network')
      valid = refreshAnswer === 200
      return new Response('{}', { status: refreshAnswer })
    }
    const body = typeof input === 'string' ? '' : await input.text()
    return new Response(body, { status: valid ? 200 : 401 })
  })
})

afterEach(() => vi.unstubAllGlobals())

test('many refused requests renew the session once, and each is sent again with its body', async () => {
  const answers = await Promise.all(
    ['a', 'b', 'c', 'd'].map((body) => http('/api/v1/conversations', { method: 'POST', body })),
  )
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200])
  expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['a', 'b', 'c', 'd'])
  expect(refreshes).toBe(1)
})

test('while another tab renews, this one waits and asks nothing', async () => {
  localStorage.setItem('colloquy.refresh-lease', JSON.stringify({ owner: 'other', until: Date.now() + 5_000 }))
  setTimeout(() => {
    valid = true
    localStorage.setItem('colloquy.refreshed-at', String(Date.now() + 1))
    localStorage.removeItem('colloquy.refresh-lease')
  }, 50)
  expect((await http('/api/v1/models')).status).toBe(200)
  expect(refreshes).toBe(0)
})

test('a tab that died while renewing blocks nobody for ever', async () => {
  localStorage.setItem('colloquy.refresh-lease', JSON.stringify({ owner: 'dead', until: Date.now() + 100 }))
  expect((await http('/api/v1/models')).status).toBe(200)
  expect(refreshes).toBe(1)
})

test('a session that is over is said once, and the answer stays 401', async () => {
  refreshAnswer = 401
  expect((await http('/api/v1/models')).status).toBe(401)
  expect(useSessionEnded.getState().ended).toBe(true)
})

test.each([503, 0])('a server out of reach is a lost connection, not the end of the session: %s', async (answer) => {
  refreshAnswer = answer
  await expect(http('/api/v1/models')).rejects.toThrow('No connection')
  expect(useSessionEnded.getState().ended).toBe(false)
})

test('where nothing can be stored the session is renewed all the same', async () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError')
  })
  expect((await http('/api/v1/models')).status).toBe(200)
})
