/** That the messages of the month are used up, from the refusal that said so until a message is taken again. */
import { create } from 'zustand'
import type { Problem } from '../../lib/problem'
import { queryClient } from '../../lib/query-client'
import { readUsage, usage } from './queries'
import type { Month } from './stand'

export const useExhausted = create<{ month: Month | null }>(() => ({ month: null }))

/** Takes note of a refusal. Says whether it was this one. */
export function noteExhausted({ code, body: { used, limit, resets_at: resetsAt } }: Problem): boolean {
  if (code !== 'quota_exhausted' || used === undefined || limit === undefined || !resetsAt) return false
  useExhausted.setState({ month: { used, limit, resetsAt } })
  readUsage()
  return true
}

/** A message was taken. */
export function noteTaken() {
  if (useExhausted.getState().month) forgetExhausted()
  // Nobody who is not limited waits for a figure.
  if (queryClient.getQueryData(usage.queryKey)?.limit !== null) readUsage()
}

export const forgetExhausted = () => useExhausted.setState({ month: null })
