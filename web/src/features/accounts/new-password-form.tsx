import { useState } from 'react'
import { Link } from 'react-router'
import { Button, buttonVariants } from '../../components/ui/button'
import { PasswordField } from '../../components/ui/password-field'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { Problem } from '../../lib/problem'
import { useForm } from '../../lib/use-form'
import { FormError } from './form-error'
import { Outcome } from './outcome'
import { resetPassword } from './queries'
import { strengthOf } from './strength'

/** Chooses another password by a link, unless the link is good no more. */
export function NewPasswordForm({ token, onAskAgain }: { token: string; onAskAgain: () => void }) {
  const t = useTranslate()
  const [password, setPassword] = useState('')
  const [outcome, setOutcome] = useState<'done' | 'ended'>()
  const form = useForm(async ({ password = '' }) => {
    try {
      await resetPassword(token, password)
      // The token is good for nothing any more; a reload must not offer it again.
      history.replaceState(null, '')
      setOutcome('done')
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'reset_link_ended')) throw error
      setOutcome('ended')
    }
  })
  if (outcome === 'done') {
    return (
      <Outcome>
        <p>{t('reset.done')}</p>
        <Link to={paths.login} replace className={buttonVariants({ variant: 'primary', size: 'lg' })}>
          {t('auth.signIn')}
        </Link>
      </Outcome>
    )
  }
  if (outcome === 'ended') {
    return (
      <Outcome>
        <p>{t('reset.ended')}</p>
        <Button variant="primary" size="lg" onClick={onAskAgain}>
          {t('reset.again')}
        </Button>
      </Outcome>
    )
  }
  return (
    <form onSubmit={form.onSubmit} className="flex flex-col gap-4">
      <p className="-mt-3 text-muted">{t('reset.chooseHint')}</p>
      <FormError text={form.message} />
      <PasswordField
        label={t('settings.newPassword')}
        name="password"
        autoComplete="new-password"
        required
        autoFocus
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        hint={password ? t(`auth.${strengthOf(password)}`) : t('auth.passwordHint')}
        error={form.errorOf('password')}
      />
      <Button type="submit" variant="primary" size="lg" loading={form.busy}>
        {t('reset.save')}
      </Button>
    </form>
  )
}
