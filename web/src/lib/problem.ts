import { explained } from './i18n'
import type { components } from './schema'

type ProblemBody = components['schemas']['Problem']

/** Why the server refused something: `code` says which it is, the rest is for people. */
export type Refusal = Partial<Pick<ProblemBody, 'code' | 'status' | 'title' | 'detail' | 'errors'>>

/** What the server refused, in the language that is chosen: `message` is its `detail`. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly requestId: string | undefined
  readonly errors: { pointer: string; message: string }[]
  /** Seconds to wait, from `Retry-After`. */
  readonly retryAfter: number | undefined

  constructor(body: Partial<ProblemBody>, response: Pick<Response, 'status' | 'headers'>) {
    const { title, detail, errors } = explained({ ...body, status: response.status })
    super(detail || title || `HTTP ${response.status}`)
    this.name = 'Problem'
    this.status = response.status
    this.code = body.code ?? 'unknown'
    this.requestId = body.request_id
    this.errors = errors ?? []
    const wait = Number(response.headers.get('Retry-After'))
    this.retryAfter = Number.isFinite(wait) && wait > 0 ? wait : undefined
  }

  /** The message about one field, by the last part of its pointer. */
  of(field: string): string | undefined {
    return this.errors.find((error) => error.pointer.split('/').pop() === field)?.message
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => ({}))
  return new Problem(typeof body === 'object' && body ? body : {}, response)
}
