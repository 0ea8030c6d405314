import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link, useLocation, useNavigate } from 'react-router'
import { Button } from '../../components/ui/button'
import { Field } from '../../components/ui/field'
import { PasswordField } from '../../components/ui/password-field'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { useForm } from '../../lib/use-form'
import { AuthFrame } from './auth-frame'
import { FormError } from './form-error'
import { useFrom } from './from'
import { Providers } from './providers'
import { instance, signUp } from './queries'
import { strengthOf } from './strength'

/** The code of the set-up link, which stands in the fragment so that it reaches no server log. */
const codeOfLink = () => new URLSearchParams(location.hash.slice(1)).get('code') ?? undefined

export function RegisterPage() {
  const t = useTranslate()
  const { state } = useLocation()
  const from = useFrom()
  const { data } = useQuery(instance)
  const first = data?.setup_code_needed ?? false
  const closed = data && !data.sign_up_open && !first

  useEffect(() => {
    document.title = t('auth.create')
  }, [t])

  return (
    <AuthFrame title={first ? t('auth.createFirst') : t('auth.create')}>
      {first ? <p className="-mt-3 text-muted">{t('auth.createFirstHint')}</p> : null}
      {closed ? (
        <p>{t('auth.closed')}</p>
      ) : (
        <>
          <Providers from={from} />
          <RegisterForm codeNeeded={first} />
        </>
      )}
      <p className="text-muted">
        {t('auth.haveAccount')}{' '}
        <Link to={paths.login} state={state} className="font-medium text-accent-text hover:underline">
          {t('auth.signIn')}
        </Link>
      </p>
    </AuthFrame>
  )
}

function RegisterForm({ codeNeeded }: { codeNeeded: boolean }) {
  const t = useTranslate()
  const navigate = useNavigate()
  const from = useFrom()
  const [linkCode] = useState(codeOfLink)
  const [password, setPassword] = useState('')
  const form = useForm(async ({ username = '', email = '', password = '', code = linkCode }) => {
    const setup = code?.trim() ? { setup_code: code.trim() } : {}
    await signUp({ username: username.trim(), email: email.trim(), password, ...setup })
    navigate(from, { replace: true })
  })
  const strength = strengthOf(password)
  return (
    <form onSubmit={form.onSubmit} className="flex flex-col gap-4">
      <FormError text={form.message} />
      <Field
        label={t('auth.userName')}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        error={form.errorOf('username')}
        autoFocus
      />
      <Field
        label={t('auth.email')}
        name="email"
        type="email"
        autoComplete="email"
        required
        error={form.errorOf('email')}
      />
      <PasswordField
        label={t('auth.password')}
        name="password"
        autoComplete="new-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        hint={password ? t(`auth.${strength}`) : t('auth.passwordHint')}
        error={form.errorOf('password')}
      />
      {codeNeeded && !linkCode ? (
        <Field
          label={t('auth.setupCode')}
          name="code"
          autoComplete="off"
          spellCheck={false}
          hint={t('auth.setupCodeHint')}
          error={form.errorOf('setup_code')}
        />
      ) : null}
      <Button type="submit" variant="primary" size="lg" loading={form.busy}>
        {t('auth.create')}
      </Button>
    </form>
  )
}
