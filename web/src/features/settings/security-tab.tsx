import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { Link } from 'react-router'
import { Button, buttonVariants } from '../../components/ui/button'
import { PasswordField } from '../../components/ui/password-field'
import { exactTime, relativeTime } from '../../lib/format'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { queryClient } from '../../lib/query-client'
import { notify, notifyError } from '../../lib/toast'
import { useForm } from '../../lib/use-form'
import { cn } from '../../lib/utils'
import { FormError } from '../accounts/form-error'
import { leave } from '../accounts/leave'
import { changePassword, endOtherSessions, sessions, useEndSession, waysIn } from '../accounts/queries'
import type { LoginSession } from '../accounts/types'
import { ApiKeysSection } from './api-keys'
import { deviceOf } from './device'
import { ProvidersSection } from './providers-section'
import { Section } from './section'

export function SecurityTab() {
  const t = useTranslate()
  const { data } = useQuery(sessions)
  return (
    <>
      <PasswordSection />
      <ProvidersSection />
      <Section title={t('settings.sessions')}>
        <ul className="-my-3 flex min-h-14 flex-col divide-y divide-border">
          {data?.map((session) => (
            <Session key={session.id} session={session} />
          ))}
        </ul>
        {data && data.length > 1 ? <EndOthers /> : null}
      </Section>
      <ApiKeysSection />
      <Section title={t('settings.signOutAll')} hint={t('settings.signOutAllHint')} danger>
        <Button variant="danger" className="w-fit" onClick={() => void leave(true).catch(notifyError)}>
          {t('settings.signOutAll')}
        </Button>
      </Section>
    </>
  )
}

function EndOthers() {
  const t = useTranslate()
  const [busy, setBusy] = useState(false)
  async function end() {
    setBusy(true)
    await endOtherSessions().then(() => notify(t('settings.othersEnded')), notifyError)
    setBusy(false)
  }
  return (
    <Button className="w-fit" loading={busy} onClick={() => void end()}>
      {t('settings.endOthers')}
    </Button>
  )
}

function PasswordSection() {
  const t = useTranslate()
  const { data: ways } = useQuery(waysIn)
  const place = useRef<HTMLDivElement>(null)
  const form = useForm(async ({ current = '', fresh = '' }) => {
    await changePassword(current, fresh)
    place.current?.querySelector('form')?.reset()
    notify(t('settings.passwordChanged'))
    await queryClient.invalidateQueries(sessions)
  })
  if (ways?.has_password === false) {
    return (
      <Section title={t('settings.noPassword')} hint={t('settings.noPasswordHint')}>
        <Link to={paths.reset} className={cn(buttonVariants(), 'w-fit')}>
          {t('reset.send')}
        </Link>
      </Section>
    )
  }
  return (
    <Section title={t('settings.changePassword')}>
      <div ref={place}>
        <form onSubmit={form.onSubmit} className="flex flex-col gap-4">
          <FormError text={form.message} />
          <PasswordField
            label={t('settings.currentPassword')}
            name="current"
            autoComplete="current-password"
            required
            error={form.errorOf('current_password')}
          />
          <PasswordField
            label={t('settings.newPassword')}
            name="fresh"
            autoComplete="new-password"
            required
            hint={t('auth.passwordHint')}
            error={form.errorOf('new_password')}
          />
          <Button type="submit" variant="primary" className="w-fit" loading={form.busy}>
            {t('settings.changePassword')}
          </Button>
        </form>
      </div>
    </Section>
  )
}

function Session({ session }: { session: LoginSession }) {
  const t = useTranslate()
  const end = useEndSession()
  const device = deviceOf(session.user_agent) ?? t('settings.sessionUnknown')
  return (
    <li className="flex items-center gap-3 py-3">
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{device}</p>
        <p className="text-muted text-sm" title={exactTime(session.last_seen_at)}>
          {[session.ip, t('settings.sessionSeen', { when: relativeTime(session.last_seen_at) })]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
      {session.current ? (
        <span className="rounded-chip bg-ok-soft px-2 py-0.5 text-ok text-sm">{t('settings.sessionThis')}</span>
      ) : (
        <Button
          size="sm"
          variant="outline"
          aria-label={t('settings.sessionEndOf', { device })}
          loading={end.isPending}
          onClick={() => end.mutate(session.id, { onError: notifyError })}
        >
          {t('settings.sessionEnd')}
        </Button>
      )}
    </li>
  )
}
