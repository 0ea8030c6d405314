import { Link } from 'react-router'
import { Button } from '../../components/ui/button'
import { Field } from '../../components/ui/field'
import { PasswordField } from '../../components/ui/password-field'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { useForm } from '../../lib/use-form'
import { FormError } from './form-error'
import { signIn } from './queries'
import type { User } from './types'

/** Used by the page and by the dialog that appears when a session has ended. */
export function SignInForm({ name, onDone }: { name?: string; onDone: (user: User) => void }) {
  const t = useTranslate()
  const form = useForm(async ({ name = '', password = '' }) => onDone(await signIn(name.trim(), password)))
  return (
    <form onSubmit={form.onSubmit} className="flex flex-col gap-4">
      <FormError text={form.message} />
      <Field
        label={t('auth.name')}
        name="name"
        defaultValue={name}
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        autoFocus={!name}
      />
      <div className="flex flex-col gap-1.5">
        <PasswordField
          label={t('auth.password')}
          name="password"
          autoComplete="current-password"
          required
          autoFocus={Boolean(name)}
        />
        {/* From the dialog over a page nobody is led away. */}
        {name ? null : (
          <Link to={paths.reset} className="w-fit self-end text-accent-text text-sm hover:underline">
            {t('auth.forgot')}
          </Link>
        )}
      </div>
      <Button type="submit" variant="primary" size="lg" loading={form.busy}>
        {t('auth.signIn')}
      </Button>
    </form>
  )
}
