import { afterEach, expect, test, vi } from 'vitest'
import { http } from './http'

afterEach(() => {
  vi.unstubAllGlobals()
  delete globalThis.colloquyEarly
})

const address = '/api/v1/conversations/1/messages?limit=50'
const asksAgain = () => {
  const fetch = vi.fn(async () => new Response('asked again'))
  vi.stubGlobal('fetch', fetch)
  return fetch
}

test('what was asked with the page is not asked again, once', async () => {
  const fetch = asksAgain()
  globalThis.colloquyEarly = { [address]: Promise.resolve(new Response('early')) }
  expect(await (await http(address)).text()).toBe('early')
  expect(fetch).not.toHaveBeenCalled()
  expect(await (await http(address)).text()).toBe('asked again')
})

test('what was asked with the page and did not come is asked again', async () => {
  const fetch = asksAgain()
  globalThis.colloquyEarly = { [address]: Promise.resolve(undefined) }
  expect(await (await http(address)).text()).toBe('asked again')
  expect(fetch).toHaveBeenCalledTimes(1)
})

test('another address, or something else than reading, does not take it', async () => {
  asksAgain()
  globalThis.colloquyEarly = { [address]: Promise.resolve(new Response('early')) }
  await http('/api/v1/conversations/2/messages?limit=50')
  await http(address, { method: 'POST' })
  expect(Object.keys(globalThis.colloquyEarly)).toEqual([address])
})

test('who signs in reads nothing that was asked for somebody else', async () => {
  asksAgain()
  globalThis.colloquyEarly = { [address]: Promise.resolve(new Response('early')) }
  await http('/api/v1/auth/login', { method: 'POST' })
  expect(await (await http(address)).text()).toBe('asked again')
})
