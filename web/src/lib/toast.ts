/** Short notices. The component that shows them is loaded with the first one. */
import { create } from 'zustand'

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

export const notifyError = (error: unknown) =>
  notify(error instanceof Error ? error.message : String(error), { kind: 'error' })
