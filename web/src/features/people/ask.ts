import { api } from '../../lib/api'

type Answer = { data?: unknown; error?: unknown; response: Response }

type Method = keyof typeof api

/** Asks the native API for what has no type of its own there. */
export const ask = api as unknown as Record<
  Method,
  <T>(path: string, options?: object) => Promise<Answer & { data?: T }>
>
