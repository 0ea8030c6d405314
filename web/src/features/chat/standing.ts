import { createContext, useContext } from 'react'
import { mayNote, mayWrite, type Role } from '../conversations/role'

/** What somebody may do in a conversation, and whether others see it too. */
export type Standing = { writes: boolean; notes: boolean; isShared: boolean }

const alone: Standing = { writes: true, notes: false, isShared: false }

/** The standing of one with this role among so many. Until it is known whose a conversation is, it is one's own. */
export function standingOf(role: Role = 'owner', count = 1): Standing {
  const isShared = count > 1
  return { writes: mayWrite(role), notes: isShared && mayNote(role), isShared }
}

const Context = createContext(alone)

export const StandingProvider = Context.Provider

export const useStanding = () => useContext(Context)
