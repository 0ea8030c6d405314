import { useInfiniteQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../components/ui/button'
import { Field } from '../../components/ui/field'
import { PasswordField } from '../../components/ui/password-field'
import { download } from '../../lib/download'
import { useTranslate } from '../../lib/i18n'
import { notify, notifyError } from '../../lib/toast'
import { FormError } from '../accounts/form-error'
import { forgetPerson } from '../accounts/leave'
import { deleteMe, useMe } from '../accounts/queries'
import { useForm } from '../accounts/use-form'
import { deleteForEver, restoreConversation, trash } from '../conversations/queries'
import type { Conversation } from '../conversations/types'
import { Section } from './section'

export function DataTab() {
  return (
    <>
      <ExportSection />
      <TrashSection />
      <DeleteAccountSection />
    </>
  )
}

function ExportSection() {
  const t = useTranslate()
  const [busy, setBusy] = useState(false)
  async function start() {
    setBusy(true)
    await download('/api/v1/me/export')
    setBusy(false)
  }
  return (
    <Section title={t('settings.export')} hint={t('settings.exportHint')}>
      <Button className="w-fit" loading={busy} onClick={() => void start()}>
        <Download />
        {t('settings.exportAll')}
      </Button>
    </Section>
  )
}

function TrashSection() {
  const t = useTranslate()
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(trash)
  const held = data?.pages.flatMap((page) => page.items)
  return (
    <Section title={t('settings.trash')} hint={t('settings.trashHint')}>
      {held?.length === 0 ? <p className="text-muted">{t('settings.trashEmpty')}</p> : null}
      <ul className="-my-2 flex flex-col divide-y divide-border empty:hidden">
        {held?.map((one) => (
          <Deleted key={one.id} held={one} />
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

function Deleted({ held }: { held: Conversation }) {
  const t = useTranslate()
  const title = held.title || t('conversation.untitled')
  const [busy, setBusy] = useState(false)

  async function perform(action: (id: number) => Promise<unknown>, done?: string) {
    setBusy(true)
    try {
      await action(held.id)
      if (done) notify(done)
    } catch (error) {
      notifyError(error)
    } finally {
      setBusy(false)
    }
  }

  return (
    <li className="flex flex-wrap items-center gap-2 py-2">
      <span className="min-w-40 flex-1 truncate">{title}</span>
      <Button
        size="sm"
        disabled={busy}
        aria-label={t('settings.restoreOf', { title })}
        onClick={() => void perform(restoreConversation, t('settings.restored', { title }))}
      >
        {t('settings.restore')}
      </Button>
      <Button
        size="sm"
        variant="danger"
        disabled={busy}
        aria-label={t('settings.deleteForeverOf', { title })}
        onClick={() => void perform(deleteForEver)}
      >
        {t('settings.deleteForever')}
      </Button>
    </li>
  )
}

function DeleteAccountSection() {
  const t = useTranslate()
  const user = useMe()
  const [typed, setTyped] = useState('')
  const form = useForm(async ({ password = '' }) => {
    await deleteMe(password)
    forgetPerson()
  })
  return (
    <Section title={t('settings.deleteAccount')} hint={t('settings.deleteAccountHint')} danger>
      <form onSubmit={form.onSubmit} className="flex flex-col gap-4">
        <FormError text={form.message} />
        <Field
          label={t('settings.deleteAccountType', { name: user.username })}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <PasswordField label={t('auth.password')} name="password" autoComplete="current-password" required />
        <Button
          type="submit"
          variant="danger"
          className="w-fit"
          disabled={typed.trim() !== user.username}
          loading={form.busy}
        >
          {t('settings.deleteAccount')}
        </Button>
      </form>
    </Section>
  )
}
