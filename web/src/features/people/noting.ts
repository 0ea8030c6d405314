/** The message about which a note is being written. */
import { create } from 'zustand'

export const useNoting = create<{ message: number | null }>(() => ({ message: null }))

export const beginNoting = (message: number) => useNoting.setState({ message })

export const stopNoting = () => useNoting.setState({ message: null })
