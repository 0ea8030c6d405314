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
  /** All that the server said, in its own words. */
  readonly body: Partial<ProblemBody>
  /** Seconds to wait, from `Retry-After`. */
  readonly retryAfter: number | undefined

  constructor(body: Partial<ProblemBody>, response: Pick<Response, 'status' | 'headers'>) {
    const { title, detail, errors } = explained({ ...body, status: response.status })
    super(named(detail, errors) || title || `HTTP ${response.status}`)
    this.name = 'Problem'
    this.body = body
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

/** The names of fields as people say them: `current_password` is the current password. */
function named(detail: string | undefined, errors: Refusal['errors'] = []): string | undefined {
  let said = detail
  for (const { pointer } of errors) {
    const name = pointer.split('/').pop() ?? ''
    const words = name.replaceAll('_', ' ')
    said = said?.replaceAll(`\`${name}\``, (_, at: number) => (at === 0 ? capital(words) : words))
  }
  return said
}

const capital = (words: string) => words.charAt(0).toLocaleUpperCase() + words.slice(1)

export async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => ({}))
  return new Problem(typeof body === 'object' && body ? body : {}, response)
}
