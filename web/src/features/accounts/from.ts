import { useLocation } from 'react-router'
import { paths } from '../../lib/paths'

/** Where somebody was who had to sign in first, and goes back to. */
export function useFrom(): string {
  const { state } = useLocation()
  return typeof state?.from === 'string' ? state.from : paths.newChat
}
