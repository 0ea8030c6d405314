import type { Client } from 'openapi-fetch'
import { http } from './http'
import { Problem } from './problem'
import type { paths } from './schema'

type Options = {
  params?: { path?: object; query?: object; header?: Record<string, string> }
  body?: unknown
  signal?: AbortSignal
  keepalive?: boolean
}

/** The typed client of the native API: its types are those of openapi-fetch, its code is what we need of it. */
export const api = Object.fromEntries(
  ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [
    method,
    (path: string, options: Options = {}) => ask(method, path, options),
  ]),
) as unknown as Pick<Client<paths>, 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'>

async function ask(
  method: string,
  path: string,
  { params, body, signal, keepalive }: Options,
): Promise<Answer<unknown>> {
  const named = new Map<string, unknown>(Object.entries(params?.path ?? {}))
  const address = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(named.get(name))))
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params?.query ?? {})) if (value != null) query.append(name, String(value))
  const response = await http(query.size > 0 ? `${address}?${query}` : address, {
    method,
    headers: { ...params?.header, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    ...(body === undefined ? {} : sent(method, JSON.stringify(body))),
    ...(signal ? { signal } : {}),
    ...(keepalive ? { keepalive } : {}),
  })
  const text = await response.text()
  if (response.ok) return { data: text && JSON.parse(text), response }
  return { error: parsed(text), response }
}

/** Browsers let requests that outlive their page carry 64 KiB in all. */
const outliving = 16_000

/** A small change is told to the server also if the page is left at once. */
const sent = (method: string, body: string) => ({
  body,
  ...(method === 'PATCH' && body.length < outliving ? { keepalive: true } : {}),
})

/** What a proxy says in our place may be anything. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

type Answer<T> = { data?: T; error?: unknown; response: Response }

/** The data of an answer, or the `Problem` that the server told. */
export async function dataOf<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer
  if (response.ok) return data as T
  throw new Problem(typeof error === 'object' && error ? error : {}, response)
}

/** One page of a list and the cursor of the next one, from `Link: <…>; rel="next"`. */
export async function pageOf<T>(answer: Promise<Answer<T[]>>): Promise<{ items: T[]; next: string | null }> {
  const held = await answer
  const items = await dataOf(Promise.resolve(held))
  return { items, next: nextCursor(held.response.headers.get('Link')) }
}

export function nextCursor(link: string | null): string | null {
  const target = link?.split(',').find((part) => /rel="?next"?/.test(part))
  const address = target && /<([^>]*)>/.exec(target)?.[1]
  return address ? new URL(address, 'http://any').searchParams.get('cursor') : null
}
