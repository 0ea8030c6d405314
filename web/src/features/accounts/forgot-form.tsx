import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../components/ui/button'
import { Field } from '../../components/ui/field'
import { useTranslate } from '../../lib/i18n'
import { useForm } from '../../lib/use-form'
import { FormError } from './form-error'
import { Outcome } from './outcome'
import { forgotPassword, instance } from './queries'

/** Asks for a link. What it says afterwards does not depend on whether there is such an account. */
export function ForgotForm() {
  const t = useTranslate()
  const [asked, setAsked] = useState<string>()
  const { data } = useQuery(instance)
  const byLog = data?.mail_reaches_people === false
  const form = useForm(async ({ email = '' }) => {
    await forgotPassword(email.trim())
    setAsked(email.trim())
  })
  if (asked) {
    return (
      <Outcome>
        <p>{t(byLog ? 'reset.askedByLog' : 'reset.asked', { email: asked })}</p>
        <Button onClick={() => setAsked(undefined)}>{t('reset.other')}</Button>
      </Outcome>
    )
  }
  return (
    <form onSubmit={form.onSubmit} className="flex flex-col gap-4">
      <p className="-mt-3 text-muted">{t(byLog ? 'reset.hintByLog' : 'reset.hint')}</p>
      <FormError text={form.message} />
      <Field
        label={t('auth.email')}
        name="email"
        type="email"
        autoComplete="email"
        required
        autoFocus
        error={form.errorOf('email')}
      />
      <Button type="submit" variant="primary" size="lg" loading={form.busy}>
        {t('reset.send')}
      </Button>
    </form>
  )
}
