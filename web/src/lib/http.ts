import { create } from 'zustand'
import { forgetEarly, takeEarly } from './early'
import { translate } from './i18n'
import { refreshSession } from './refresh'

/** True once the session is over for good. The page shows the sign-in over what is there, so nothing typed is lost. */
export const useSessionEnded = create<{ ended: boolean }>(() => ({ ended: false }))

const withoutRefresh = /\/api\/v1\/auth\/(login|register|refresh|logout)$/

/**
 * `fetch` for our own API: an expired access token is renewed once and the request is sent again. While it cannot be
 * renewed because the server is out of reach, this fails as a lost connection does: nobody has been signed out.
 */
export async function http(input: Request | string, init?: RequestInit): Promise<Response> {
  const request = new Request(typeof input === 'string' ? new URL(input, location.origin) : input, init)
  const { pathname, search } = new URL(request.url)
  if (pathname.startsWith('/api/v1/auth/')) request.headers.set('X-Colloquy-Web', '1')
  if (withoutRefresh.test(pathname)) {
    forgetEarly()
    return fetch(request)
  }

  const again = request.clone()
  const early = request.method === 'GET' ? await takeEarly(pathname + search) : undefined
  const setOut = early ? performance.timeOrigin : Date.now()
  const response = early ?? (await fetch(request))
  if (response.status !== 401) return response
  const outcome = await refreshSession(setOut)
  if (outcome === 'renewed') return fetch(again)
  if (outcome === 'unreachable') throw new TypeError(translate('app.unreachable'))
  useSessionEnded.setState({ ended: true })
  return response
}
