/** Who else has a conversation open, by conversation, as the news tell it. */
import { create } from 'zustand'
import type { Present } from './types'

export const usePresent = create<{ present: Readonly<Record<number, Present[]>> }>(() => ({ present: {} }))

export const showPresent = (conversation: number, users: Present[]) =>
  usePresent.setState(({ present }) => ({ present: { ...present, [conversation]: users } }))
