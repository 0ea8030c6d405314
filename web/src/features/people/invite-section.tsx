import { useQuery } from '@tanstack/react-query'
import { useId, useRef, useState } from 'react'
import { CopyButton } from '../../components/copy-button'
import { CopyField } from '../../components/copy-field'
import { Button } from '../../components/ui/button'
import { Field } from '../../components/ui/field'
import { SelectField } from '../../components/ui/select-field'
import { announce } from '../../lib/announce'
import { exactTime } from '../../lib/format'
import { useTranslate } from '../../lib/i18n'
import { notify, notifyError } from '../../lib/toast'
import { useForm } from '../../lib/use-form'
import { FormError } from '../accounts/form-error'
import { invitations, invite, withdraw } from './queries'
import { givenRoles } from './roles'
import type { GivenRole, Invitation } from './types'

/** How many days an invitation may be good for. */
const lives = [1, 7, 30] as const

const ways = ['link', 'email'] as const

/** Lets people in: by a link that is passed on, or by a letter to one of them. */
export function InviteSection({ conversation }: { conversation: number }) {
  const t = useTranslate()
  const id = useId()
  const heading = useRef<HTMLHeadingElement>(null)
  const { data } = useQuery(invitations(conversation))
  return (
    <section aria-labelledby={id} className="flex flex-col gap-4 border-border border-t pt-4">
      <h3 id={id} ref={heading} tabIndex={-1} className="font-semibold outline-none">
        {t('people.invite')}
      </h3>
      <InviteForm conversation={conversation} />
      {data && data.length > 0 ? (
        <div>
          <h4 className="font-medium text-sm">{t('people.pending')}</h4>
          <ul className="flex flex-col divide-y divide-border">
            {data.map((one) => (
              <Pending key={one.id} held={one} conversation={conversation} onGone={() => heading.current?.focus()} />
            ))}
          </ul>
        </div>
      ) : null}
    </section>
  )
}

function InviteForm({ conversation }: { conversation: number }) {
  const t = useTranslate()
  const [way, setWay] = useState<(typeof ways)[number]>('link')
  const [made, setMade] = useState<Invitation>()
  const form = useForm(async ({ role, days, email }) => {
    setMade(undefined)
    const body = { role: role as GivenRole, expires_in_days: Number(days), ...(email ? { email: email.trim() } : {}) }
    const done = await invite(conversation, body)
    setMade(done)
    announce(done.email ? t('people.mailed', { email: done.email }) : t('people.linkReady'))
  })
  return (
    <form onSubmit={form.onSubmit} className="flex flex-col gap-4">
      <FormError text={form.message} />
      <fieldset className="flex flex-wrap gap-x-6 gap-y-2">
        <legend className="sr-only">{t('people.way')}</legend>
        {ways.map((one) => (
          <label key={one} className="flex min-h-6 cursor-pointer items-center gap-2 touch:min-h-11">
            <input
              type="radio"
              checked={way === one}
              onChange={() => setWay(one)}
              className="size-4 accent-accent touch:size-5"
            />
            {t(`people.way.${one}`)}
          </label>
        ))}
      </fieldset>
      {way === 'email' ? (
        <Field
          label={t('auth.email')}
          hint={t('people.emailHint')}
          name="email"
          type="email"
          autoComplete="off"
          required
          error={form.errorOf('email')}
        />
      ) : null}
      <div className="grid grid-cols-[3fr_2fr] gap-3">
        <SelectField
          label={t('people.role')}
          name="role"
          defaultValue="editor"
          options={Object.fromEntries(givenRoles.map((role) => [role, t(`people.may.${role}`)]))}
        />
        <SelectField
          label={t('people.life')}
          name="days"
          defaultValue="7"
          options={Object.fromEntries(lives.map((days) => [days, t(`people.life.${days}`)]))}
        />
      </div>
      {made?.url && !made.email ? (
        <CopyField key={made.id} label={t('people.link')} copyLabel={t('share.copy')} text={made.url} />
      ) : null}
      {made?.email ? <p className="text-ok text-sm">{t('people.mailed', { email: made.email })}</p> : null}
      <Button type="submit" variant="primary" className="self-end" loading={form.busy}>
        {t(way === 'link' ? 'share.create' : 'people.send')}
      </Button>
    </form>
  )
}

type PendingProps = { held: Invitation; conversation: number; onGone: () => void }

function Pending({ held, conversation, onGone }: PendingProps) {
  const t = useTranslate()
  const [busy, setBusy] = useState(false)
  const { url, uses } = held
  const shown = held.email ?? t('people.way.link')
  const role = t(`people.role.${held.role}`)
  const ends = t('people.ends', { when: exactTime(held.expires_at) })
  // Links differ only in what they are good for.
  const name = held.email ?? [shown, role, ends].join(', ')

  async function end() {
    setBusy(true)
    try {
      await withdraw(conversation, held.id)
      notify(t('people.withdrawn'))
      onGone()
    } catch (error) {
      notifyError(error)
      setBusy(false)
    }
  }

  return (
    <li className="flex flex-wrap items-center gap-2 py-2">
      <div className="min-w-40 flex-1">
        <p className="truncate">{shown}</p>
        <p className="text-muted text-sm">
          {[role, ends, uses > 0 ? t('people.uses', { count: uses }) : ''].filter(Boolean).join(' · ')}
        </p>
      </div>
      {url ? <CopyButton label={t('people.copyOf', { name })} text={() => url} /> : null}
      <Button
        size="sm"
        variant="danger"
        loading={busy}
        aria-label={t('people.withdrawOf', { name })}
        onClick={() => void end()}
      >
        {t('people.withdraw')}
      </Button>
    </li>
  )
}
