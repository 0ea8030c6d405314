import { useQuery } from '@tanstack/react-query'
import { CircleAlert } from 'lucide-react'
import { useId, useState } from 'react'
import { Link } from 'react-router'
import { CopyButton } from '../../components/copy-button'
import { CopyField } from '../../components/copy-field'
import { Button, buttonVariants } from '../../components/ui/button'
import { Dialog, DialogClose, DialogContent, DialogDescription, DialogTitle } from '../../components/ui/dialog'
import { Field } from '../../components/ui/field'
import { PasswordField } from '../../components/ui/password-field'
import { SelectField } from '../../components/ui/select-field'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { useForm } from '../../lib/use-form'
import { makeKey } from '../accounts/api-keys'
import { FormError } from '../accounts/form-error'
import { waysIn } from '../accounts/queries'
import type { KeyScope } from '../accounts/types'

const scopes: KeyScope[] = ['openai', 'read', 'write']
const dayMs = 86_400_000
/** How many days a key may live; 0 is for ever. */
const lives = [30, 90, 365, 0] as const

/** Makes a key, shows it this once, and says how it is used. */
export function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<string>()
  const { data: ways } = useQuery(waysIn)
  const form = ways?.has_password === false ? <PasswordFirst /> : <KeyForm onMade={setMade} />
  // A key that nobody has copied yet is not lost by a click beside it, or by Escape.
  const keep = (event: Event) => made && event.preventDefault()
  return (
    <Dialog open onOpenChange={(isOpen) => isOpen || onClose()}>
      <DialogContent
        className="max-h-[90dvh] overflow-y-auto md:max-w-[480px]!"
        onInteractOutside={keep}
        onEscapeKeyDown={keep}
      >
        {made === undefined ? form : <MadeKey text={made} />}
      </DialogContent>
    </Dialog>
  )
}

/** A key is made with a password: here is how to choose one. */
function PasswordFirst() {
  const t = useTranslate()
  return (
    <div className="flex flex-col gap-4">
      <DialogTitle>{t('keys.newTitle')}</DialogTitle>
      <DialogDescription>{t('settings.noPasswordHint')}</DialogDescription>
      <div className="flex flex-wrap justify-end gap-2">
        <DialogClose asChild>
          <Button>{t('app.cancel')}</Button>
        </DialogClose>
        <Link to={paths.reset} className={buttonVariants({ variant: 'primary' })}>
          {t('reset.send')}
        </Link>
      </div>
    </div>
  )
}

function KeyForm({ onMade }: { onMade: (key: string) => void }) {
  const t = useTranslate()
  const [chosen, setChosen] = useState<KeyScope[]>(['openai'])
  const form = useForm(async ({ name = '', life = '', password = '' }) => {
    const expires_at = life === '0' ? null : new Date(Date.now() + Number(life) * dayMs).toISOString()
    onMade(await makeKey({ name, scopes: chosen, expires_at, current_password: password }))
  })
  return (
    <form onSubmit={form.onSubmit} className="flex flex-col gap-4">
      <DialogTitle>{t('keys.newTitle')}</DialogTitle>
      <DialogDescription>{t('keys.newText')}</DialogDescription>
      <FormError text={form.message} />
      <Field
        label={t('keys.name')}
        hint={t('keys.nameHint')}
        name="name"
        autoComplete="off"
        maxLength={100}
        required
        error={form.errorOf('name')}
      />
      <ScopeFields chosen={chosen} onChange={setChosen} />
      <SelectField
        label={t('keys.life')}
        name="life"
        defaultValue="90"
        options={Object.fromEntries(lives.map((days) => [days, t(`keys.life.${days}`)]))}
      />
      <PasswordField
        label={t('settings.currentPassword')}
        hint={t('keys.passwordHint')}
        name="password"
        autoComplete="current-password"
        required
        error={form.errorOf('current_password')}
      />
      <div className="flex flex-wrap justify-end gap-2">
        <DialogClose asChild>
          <Button>{t('app.cancel')}</Button>
        </DialogClose>
        <Button type="submit" variant="primary" loading={form.busy} disabled={chosen.length === 0}>
          {t('keys.create')}
        </Button>
      </div>
    </form>
  )
}

function ScopeFields({ chosen, onChange }: { chosen: KeyScope[]; onChange: (chosen: KeyScope[]) => void }) {
  const t = useTranslate()
  const id = useId()
  const switched = (scope: KeyScope) => scopes.filter((one) => chosen.includes(one) !== (one === scope))
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1.5 font-medium text-sm">{t('keys.scopes')}</legend>
      {scopes.map((scope) => (
        <label key={scope} className="flex cursor-pointer gap-3 touch:py-1.5">
          <input
            type="checkbox"
            checked={chosen.includes(scope)}
            aria-describedby={`${id}-${scope}`}
            onChange={() => onChange(switched(scope))}
            className="mt-0.5 size-4 shrink-0 accent-accent touch:size-5"
          />
          <span>
            {t(`keys.scope.${scope}`)}
            <span id={`${id}-${scope}`} className="block text-muted text-sm">
              {t(`keys.scopeHint.${scope}`)}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}

function MadeKey({ text }: { text: string }) {
  const t = useTranslate()
  return (
    <div className="flex flex-col gap-4">
      <DialogTitle>{t('keys.madeTitle')}</DialogTitle>
      <DialogDescription className="flex gap-2 rounded-button bg-warn-soft px-3 py-2 text-warn">
        <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
        {t('keys.onlyNow')}
      </DialogDescription>
      <CopyField label={t('keys.key')} copyLabel={t('keys.copy')} text={text} className="font-mono text-sm!" />
      <section className="flex flex-col gap-2">
        <h3 className="font-medium text-sm">{t('keys.use')}</h3>
        <dl className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 text-sm">
          <Line label={t('keys.base')} text={`${location.origin}/v1`} />
          <Line label={t('keys.header')} text={`Authorization: Bearer ${text}`} />
        </dl>
      </section>
      <DialogClose asChild>
        <Button variant="primary" className="self-end">
          {t('keys.done')}
        </Button>
      </DialogClose>
    </div>
  )
}

function Line({ label, text }: { label: string; text: string }) {
  const t = useTranslate()
  return (
    <>
      <dt className="text-muted">{label}</dt>
      <dd className="truncate font-mono">{text}</dd>
      <dd>
        <CopyButton label={t('keys.copyOf', { what: label })} text={() => text} />
      </dd>
    </>
  )
}
