import { useLocation } from 'react-router'
import { paths } from '../../lib/paths'

/** The page of the app with this address; a new chat, if it is none. */
export const pageAt = (address: unknown): string =>
  typeof address === 'string' && /^\/(?!\/)[^\s\\]*$/.test(address) ? address : paths.newChat

/** Where somebody was who had to sign in first, and goes back to. */
export function useFrom(): string {
  const { state } = useLocation()
  return pageAt(state?.from)
}
