import { useEffect } from 'react'
import { Link, useLocation, useNavigate } from 'react-router'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { AuthFrame } from './auth-frame'
import { ForgotForm } from './forgot-form'
import { NewPasswordForm } from './new-password-form'

/** Asking for a link for another password, and choosing one by that link. */
export function ResetPage() {
  const t = useTranslate()
  const navigate = useNavigate()
  const { search, state } = useLocation()
  const inAddress = new URLSearchParams(search).get('token')
  const token: string | undefined = inAddress ?? state?.token
  const title = t(token ? 'reset.choose' : 'reset.ask')

  useEffect(() => {
    document.title = title
  }, [title])

  // Nobody reads it over a shoulder or finds it in the history. A reload still has it.
  useEffect(() => {
    if (inAddress !== null) navigate(paths.reset, { replace: true, state: { token: inAddress } })
  }, [inAddress, navigate])

  const askAgain = () => navigate(paths.reset, { replace: true, state: null })
  return (
    <AuthFrame title={title}>
      {token ? <NewPasswordForm key={token} token={token} onAskAgain={askAgain} /> : <ForgotForm />}
      <p className="text-muted">
        <Link to={paths.login} className="font-medium text-accent-text hover:underline">
          {t('reset.back')}
        </Link>
      </p>
    </AuthFrame>
  )
}
