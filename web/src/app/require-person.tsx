import { useQuery } from '@tanstack/react-query'
import { Navigate, useLocation } from 'react-router'
import { Button } from '../components/ui/button'
import { instance, me } from '../features/accounts/queries'
import { useTranslate } from '../lib/i18n'
import { paths } from '../lib/paths'
import { Problem } from '../lib/problem'
import { Frame } from './frame'
import { Shell } from './shell'

/** Lets a signed-in person through; others go to the sign-in page and come back after it, and the very first to sign up. */
export function RequirePerson() {
  const { data, error, refetch } = useQuery(me)
  const installed = useQuery(instance)
  const { pathname, search } = useLocation()
  if (data) return <Shell />
  if (error instanceof Problem && error.status === 401) {
    if (installed.isLoading) return <Frame />
    const to = installed.data?.has_accounts === false ? paths.register : paths.login
    return <Navigate to={to} replace state={{ from: pathname + search }} />
  }
  if (error) return <Unreachable onRetry={() => void refetch()} />
  return <Frame />
}

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
