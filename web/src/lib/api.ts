import createClient from 'openapi-fetch'
import { http } from './http'
import { Problem } from './problem'
import type { paths } from './schema'

/** The typed client of the native API. */
export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? '', fetch: http })

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
