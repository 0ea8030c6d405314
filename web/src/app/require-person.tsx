import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useEffect, useRef } from 'react'
import { Navigate, useLocation } from 'react-router'
import { Button } from '../components/ui/button'
import { instance, me } from '../features/accounts/queries'
import { remembered } from '../features/accounts/remembered'
import { useTranslate } from '../lib/i18n'
import { paths } from '../lib/paths'
import { Problem } from '../lib/problem'
import { queryClient } from '../lib/query-client'
import { Frame } from './frame'
import { Shell } from './shell'

/** Lets a signed-in person through; others go to the sign-in page and come back after it, and the very first to sign up. */
export function RequirePerson() {
  const { data, error, fetchStatus, dataUpdatedAt, refetch } = useQuery({ ...me, refetchInterval: untilKnown })
  const { pathname, search, hash } = useLocation()
  const isStranger = error instanceof Problem && error.status === 401
  const installed = useQuery({ ...instance, enabled: isStranger })
  const isUnknown = !data && !isStranger && (error !== null || fetchStatus === 'paused')
  const isKnown = dataUpdatedAt > 0

  // Without the server: whoever was here last, until it can be asked.
  useEffect(() => {
    const last = isUnknown ? remembered() : undefined
    if (last) queryClient.setQueryData(me.queryKey, last, { updatedAt: 0 })
  }, [isUnknown])

  // What failed meanwhile is read again.
  const wasUnknown = useRef(false)
  useEffect(() => {
    if (wasUnknown.current && isKnown)
      void queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' })
    wasUnknown.current = data !== undefined && !isKnown
  }, [data, isKnown])

  const isIn = data !== undefined && (isKnown || !isStranger)
  // The shell is much to draw at once: it is drawn in slices, behind the frame.
  const isDrawn = useDeferredValue(isIn)

  if (isIn) return isDrawn ? <Shell /> : <Frame />
  if (isStranger) {
    if (installed.isLoading) return <Frame />
    const to = installed.data?.has_accounts === false ? paths.register : paths.login
    return <Navigate to={to} replace state={{ from: pathname + search + hash }} />
  }
  if (error) return <Unreachable onRetry={() => void refetch()} />
  return <Frame />
}

/** Asks again every few seconds while the person is only remembered. */
const untilKnown = ({ state }: { state: { data: unknown; dataUpdatedAt: number } }) =>
  state.data !== undefined && state.dataUpdatedAt === 0 ? 5_000 : false

function Unreachable({ onRetry }: { onRetry: () => void }) {
  const t = useTranslate()
  return (
    <main className="flex h-dvh flex-col items-center justify-center gap-3 p-6 text-center">
      <p>{t('app.unreachable')}</p>
      <Button variant="primary" onClick={onRetry}>
        {t('app.retry')}
      </Button>
    </main>
  )
}
