/** Short notices. The component that shows them is loaded with the first one. */
import { create } from 'zustand'
import { translate } from './i18n'

export type Notice = {
  id: number
  text: string
  kind?: 'plain' | 'error'
  action?: { label: string; perform: () => void }
  duration?: number
}

export const useNotices = create<{ waiting: Notice[]; wanted: boolean }>(() => ({ waiting: [], wanted: false }))

let last = 0

export function notify(text: string, options: Omit<Notice, 'id' | 'text'> = {}) {
  last += 1
  const notice = { ...options, text, id: last }
  useNotices.setState(({ waiting }) => ({ waiting: [...waiting, notice], wanted: true }))
}

/** A connection that is lost is told by browsers in words of their own, as a `TypeError`. */
function wordsOf(error: unknown): string {
  if (error instanceof TypeError) return translate('app.unreachable')
  return error instanceof Error ? error.message : String(error)
}

export const notifyError = (error: unknown) => notify(wordsOf(error), { kind: 'error' })
