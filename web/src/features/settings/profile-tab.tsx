import { Check } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../components/ui/button'
import { Field } from '../../components/ui/field'
import { useTranslate } from '../../lib/i18n'
import { useForm } from '../../lib/use-form'
import { FormError } from '../accounts/form-error'
import { useMe, useUpdateMe } from '../accounts/queries'
import { Section } from './section'

export function ProfileTab() {
  const t = useTranslate()
  const user = useMe()
  const update = useUpdateMe()
  const [saved, setSaved] = useState(false)
  const form = useForm(async ({ full_name = '' }) => {
    await update.mutateAsync({ full_name: full_name.trim() })
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
        <Field label={t('auth.email')} value={user.email} disabled readOnly />
        <div className="flex items-center gap-3">
          <Button type="submit" variant="primary" loading={form.busy}>
            {t('app.save')}
          </Button>
          {saved ? (
            <span className="flex items-center gap-1.5 text-ok">
              <Check className="size-4" />
              {t('app.saved')}
            </span>
          ) : null}
        </div>
      </form>
    </Section>
  )
}
