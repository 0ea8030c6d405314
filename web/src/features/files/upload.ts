/** One file on its way to the server. `fetch` cannot say how far it is, so this is an older kind of request. */

import { http } from '../../lib/http'
import { Problem } from '../../lib/problem'
import type { components } from '../../lib/schema'

type Kept = components['schemas']['File']

/** The server is out of reach. */
export class Unreachable extends Error {}

export async function upload(file: File, onProgress: (part: number) => void, signal: AbortSignal): Promise<Kept> {
  const first = await attempt(file, onProgress, signal)
  if (first.status !== 401) return keptIn(first)
  // A session that has run out is renewed by the next request, whichever it is.
  await http('/api/v1/auth/me')
  return keptIn(await attempt(file, onProgress, signal))
}

function attempt(file: File, onProgress: (part: number) => void, signal: AbortSignal): Promise<XMLHttpRequest> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const form = new FormData()
    form.append('file', file, file.name)
    request.upload.onprogress = ({ loaded, total }) => total > 0 && onProgress(loaded / total)
    request.onload = () => resolve(request)
    request.onerror = () => reject(new Unreachable())
    request.onabort = () => reject(signal.reason)
    signal.addEventListener('abort', () => request.abort())
    request.open('POST', '/api/v1/files')
    request.send(form)
  })
}

function keptIn(request: XMLHttpRequest): Kept {
  const body = parsed(request.responseText)
  if (request.status === 201) return body as Kept
  const headers = new Headers()
  const wait = request.getResponseHeader('Retry-After')
  if (wait) headers.set('Retry-After', wait)
  throw new Problem(body, { status: request.status, headers })
}

function parsed(text: string): object {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body ? body : {}
  } catch {
    return {}
  }
}
