import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { Link, useLocation, useNavigate } from 'react-router'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { piece, usePiece } from '../../lib/piece'
import { AuthFrame } from './auth-frame'
import { useFrom } from './from'
import { Providers } from './providers'
import { instance } from './queries'
import { SignInForm } from './sign-in-form'

const returned = piece(() => import('./returned'))

function Back() {
  const Returned = usePiece(returned)?.Returned
  return Returned ? <Returned /> : null
}

export function SignInPage() {
  const t = useTranslate()
  const navigate = useNavigate()
  const { search, state } = useLocation()
  const { data } = useQuery(instance)
  const from = useFrom()
  // Somebody is back from another service, and not signed in.
  const back = /[?&](link|problem)=/.exec(search)?.[1]

  useEffect(() => {
    document.title = t('auth.signIn')
  }, [t])

  return (
    <AuthFrame title={t('auth.signIn')}>
      {back ? <Back /> : null}
      {back === 'link' ? null : (
        <>
          <Providers from={from} />
          <SignInForm onDone={() => navigate(from, { replace: true })} />
        </>
      )}
      {data?.sign_up_open || data?.setup_code_needed ? (
        <p className="text-muted">
          {t('auth.noAccount')}{' '}
          <Link to={paths.register} state={state} className="font-medium text-accent-text hover:underline">
            {t('auth.createOne')}
          </Link>
        </p>
      ) : null}
    </AuthFrame>
  )
}
