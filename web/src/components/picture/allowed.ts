/** Which images of other hosts a person has asked to see, page by page. Held by this tab only, and not for long. */
import { create } from 'zustand'

const useAllowed = create<{ addresses: ReadonlySet<string> }>(() => ({ addresses: new Set() }))

/** An image that was allowed in one conversation is asked for again in another. */
const keyOf = (address: string) => `${location.pathname} ${address}`

export const allow = (address: string) =>
  useAllowed.setState(({ addresses }) => ({ addresses: new Set([...addresses, keyOf(address)]) }))

export const useIsAllowed = (address: string): boolean => useAllowed((state) => state.addresses.has(keyOf(address)))
