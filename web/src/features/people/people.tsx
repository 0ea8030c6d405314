import { create } from 'zustand'
import { usePiece } from '../../lib/piece'
import type { Conversation } from '../conversations/types'
import { peopleCode } from './piece'

export const preloadPeople = peopleCode.preload

/** The conversation whose people are asked for, by whichever button; `leaving`, to be left. */
type Asked = { held: Conversation; leaving: boolean }

const useAsked = create<{ asked: Asked | null }>(() => ({ asked: null }))

export const askForPeople = (held: Conversation, leaving = false) => useAsked.setState({ asked: { held, leaving } })

const stop = () => useAsked.setState({ asked: null })

/** The dialog of those people, over everything. */
export function People() {
  const asked = useAsked((state) => state.asked)
  return asked ? <Wanted {...asked} /> : null
}

function Wanted(asked: Asked) {
  const code = usePiece(peopleCode)
  return code ? <code.PeopleDialog {...asked} onClose={stop} /> : null
}
