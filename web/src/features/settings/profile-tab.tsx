import { useState } from 'react'
import { Button } from '../../components/ui/button'
import { Field } from '../../components/ui/field'
import { PasswordField } from '../../components/ui/password-field'
import { useTranslate } from '../../lib/i18n'
import { useForm } from '../../lib/use-form'
import { FormError } from '../accounts/form-error'
import { useMe, useUpdateMe } from '../accounts/queries'
import { Saved } from './saved'
import { Section } from './section'

export function ProfileTab() {
  const t = useTranslate()
  const user = useMe()
  const update = useUpdateMe()
  const [saved, setSaved] = useState(false)
  const [email, setEmail] = useState(user.email)
  const hasNewEmail = email.trim() !== user.email
  const form = useForm(async ({ full_name = '', current_password = '' }) => {
    const moved = hasNewEmail ? { email: email.trim(), current_password } : {}
    const now = await update.mutateAsync({ full_name: full_name.trim(), ...moved })
    setEmail(now.email)
    setSaved(true)
  })
  return (
    <Section title={t('settings.profile')}>
      <form onSubmit={form.onSubmit} onChange={() => setSaved(false)} className="flex flex-col gap-4">
        <FormError text={form.message} />
        <Field
          label={t('settings.fullName')}
          name="full_name"
          autoComplete="name"
          defaultValue={user.full_name ?? ''}
          hint={t('settings.fullNameHint')}
          error={form.errorOf('full_name')}
        />
        <Field label={t('auth.userName')} value={user.username} disabled readOnly />
        <Field
          label={t('auth.email')}
          type="email"
          autoComplete="email"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          error={form.errorOf('email')}
        />
        {hasNewEmail ? (
          <PasswordField
            label={t('settings.currentPassword')}
            name="current_password"
            autoComplete="current-password"
            required
            hint={t('settings.emailHint')}
            error={form.errorOf('current_password')}
          />
        ) : null}
        <div className="flex items-center gap-3">
          <Button type="submit" variant="primary" loading={form.busy}>
            {t('app.save')}
          </Button>
          {saved ? <Saved /> : null}
        </div>
      </form>
    </Section>
  )
}
