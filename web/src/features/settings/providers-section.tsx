import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import { Button } from '../../components/ui/button'
import { exactTime, relativeTime } from '../../lib/format'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { notifyError } from '../../lib/toast'
import { FormError } from '../accounts/form-error'
import { beginLink, instance, useUnlink, waysIn } from '../accounts/queries'
import { wordsOf } from '../accounts/returned-words'
import type { Identity, SignInProvider } from '../accounts/types'
import { Section } from './section'

/** The accounts at other services that sign in to this one. */
export function ProvidersSection() {
  const t = useTranslate()
  const [search] = useSearchParams()
  const problem = search.get('problem')
  const { data: ways } = useQuery(waysIn)
  const { data } = useQuery(instance)
  const providers = data?.sign_in_providers ?? []
  const linked = ways?.identities ?? []
  if (!ways || (providers.length === 0 && linked.length === 0)) return null
  const nameOf = (id: string) => providers.find((one) => one.id === id)?.name ?? id
  const others = providers.filter(({ id }) => !linked.some((one) => one.provider === id))
  return (
    <Section title={t('settings.providers')} hint={t('settings.providersHint')}>
      <FormError text={problem ? t(wordsOf(problem)) : undefined} />
      <ul className="-my-3 flex flex-col divide-y divide-border">
        {linked.map((identity) => (
          <Linked key={identity.id} identity={identity} name={nameOf(identity.provider)} />
        ))}
        {others.map((provider) => (
          <Unlinked key={provider.id} provider={provider} />
        ))}
      </ul>
    </Section>
  )
}

function Linked({ identity, name }: { identity: Identity; name: string }) {
  const t = useTranslate()
  const unlink = useUnlink()
  const used = t('settings.providerUsed', { when: relativeTime(identity.last_used_at) })
  return (
    <li className="flex items-center gap-3 py-3">
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{name}</p>
        <p className="truncate text-muted text-sm" title={exactTime(identity.last_used_at)}>
          {[identity.email, used].filter(Boolean).join(' · ')}
        </p>
      </div>
      <Button
        size="sm"
        variant="outline"
        aria-label={t('settings.unlinkOf', { name })}
        loading={unlink.isPending}
        onClick={() => unlink.mutate(identity.id, { onError: notifyError })}
      >
        {t('settings.unlink')}
      </Button>
    </li>
  )
}

function Unlinked({ provider }: { provider: SignInProvider }) {
  const t = useTranslate()
  const [busy, setBusy] = useState(false)
  async function begin() {
    setBusy(true)
    try {
      location.assign(await beginLink(provider.id, paths.settings('security')))
    } catch (error) {
      notifyError(error)
      setBusy(false)
    }
  }
  return (
    <li className="flex items-center gap-3 py-3">
      <p className="min-w-0 flex-1 truncate font-medium">{provider.name}</p>
      <Button
        size="sm"
        variant="outline"
        aria-label={t('settings.linkOf', { name: provider.name })}
        loading={busy}
        onClick={() => void begin()}
      >
        {t('settings.link')}
      </Button>
    </li>
  )
}
