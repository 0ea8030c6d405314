import { create } from 'zustand'
import type { Group } from './groups'
import type { Conversation } from './types'

/** What is asked about groups: the name of a new one, into which conversations go, or whether one is to be deleted. */
export type Asked = { of: 'new'; held: Conversation[] } | { of: 'delete'; group: Group }

export const useAsked = create<{ asked: Asked | null }>(() => ({ asked: null }))

export const askForGroup = (held: Conversation[] = []) => useAsked.setState({ asked: { of: 'new', held } })

export const askToDelete = (group: Group) => useAsked.setState({ asked: { of: 'delete', group } })

export const stopAsking = () => useAsked.setState({ asked: null })
