import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { CopyButton } from '../../components/copy-button'
import { Button } from '../../components/ui/button'
import { exactTime } from '../../lib/format'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { notify, notifyError } from '../../lib/toast'
import { endShare, type ListedShare, shares } from '../conversations/share'
import { Section } from './section'

/** Every link to a conversation that anybody can read, and the way to end it. */
export function SharedLinksSection() {
  const t = useTranslate()
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(shares)
  const held = data?.pages.flatMap((page) => page.items)
  return (
    <Section title={t('settings.links')} hint={t('settings.linksHint')}>
      {held?.length === 0 ? <p className="text-muted">{t('settings.linksEmpty')}</p> : null}
      <ul className="-my-2 flex flex-col divide-y divide-border empty:hidden">
        {held?.map((one) => (
          <SharedLink key={one.conversation_id} held={one} />
        ))}
      </ul>
      {hasNextPage ? (
        <Button size="sm" className="w-fit" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('sidebar.more')}
        </Button>
      ) : null}
    </Section>
  )
}

function SharedLink({ held }: { held: ListedShare }) {
  const t = useTranslate()
  const [busy, setBusy] = useState(false)
  const { conversation_id: id, url } = held
  const title = held.title || t('conversation.untitled')

  async function revoke() {
    setBusy(true)
    await endShare(id).then(() => notify(t('share.ended')), notifyError)
    setBusy(false)
  }

  return (
    <li className="flex flex-wrap items-center gap-2 py-2">
      <div className="min-w-40 flex-1">
        <Link to={paths.chat(id)} className="block truncate rounded-chip hover:underline">
          {title}
        </Link>
        <p className="text-muted text-sm">{t('share.frozen', { when: exactTime(held.updated_at) })}</p>
      </div>
      {url ? <CopyButton label={t('settings.linkCopyOf', { title })} text={() => url} /> : null}
      <Button
        size="sm"
        variant="danger"
        loading={busy}
        aria-label={t('settings.linkEndOf', { title })}
        onClick={() => void revoke()}
      >
        {t('share.end')}
      </Button>
    </li>
  )
}
