/** Who else has a conversation open, by conversation, as the news tell it. */
import { create } from 'zustand'
import type { Present } from './types'

type Company = {
  present: Readonly<Record<number, Present[]>>
  /** Whether the news are heard: who comes is told to those alone who listen, oneself included. */
  isHeard: boolean
}

export const usePresent = create<Company>(() => ({ present: {}, isHeard: false }))

export const showPresent = (conversation: number, users: Present[]) =>
  usePresent.setState(({ present }) => ({ present: { ...present, [conversation]: users } }))
