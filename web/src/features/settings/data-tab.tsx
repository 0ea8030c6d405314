import { useInfiniteQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react'
import { Link, useLocation } from 'react-router'
import { Button } from '../../components/ui/button'
import { Field } from '../../components/ui/field'
import { PasswordField } from '../../components/ui/password-field'
import { download } from '../../lib/download'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { notify, notifyError } from '../../lib/toast'
import { useForm } from '../../lib/use-form'
import { FormError } from '../accounts/form-error'
import { forgetPerson } from '../accounts/leave'
import { deleteMe, useMe } from '../accounts/queries'
import { organise, restore } from '../conversations/organise'
import { archive, deleteForEver, trash } from '../conversations/queries'
import type { Conversation } from '../conversations/types'
import { AllConversationsSection } from './all-conversations'
import { preloadQuestion, Question } from './question'
import { Section } from './section'
import { SharedLinksSection } from './shared-links'

export function DataTab() {
  useNamedSection()
  useEffect(preloadQuestion, [])
  return (
    <>
      <ExportSection />
      <SharedLinksSection />
      <ArchiveSection />
      <TrashSection />
      <AllConversationsSection />
      <DeleteAccountSection />
    </>
  )
}

/** Brings the section that the address names into sight, and the focus to its heading. */
function useNamedSection() {
  const { hash, key } = useLocation()
  // biome-ignore lint/correctness/useExhaustiveDependencies: who goes there again is brought there again
  useEffect(() => {
    const heading = hash ? document.getElementById(hash.slice(1)) : null
    heading?.focus({ preventScroll: true })
    heading?.scrollIntoView?.({ block: 'start' })
  }, [hash, key])
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

function ArchiveSection() {
  const t = useTranslate()
  return (
    <Section id="archive" title={t('settings.archive')} hint={t('settings.archiveHint')}>
      <Conversations of={archive} empty={t('settings.archiveEmpty')}>
        {(one) => <Archived key={one.id} held={one} />}
      </Conversations>
    </Section>
  )
}

/** A conversation that is to end, and its row. */
type Asked = { held: Conversation; row: HTMLElement | null }

function TrashSection() {
  const t = useTranslate()
  const heading = useRef<HTMLHeadingElement>(null)
  const [asked, setAsked] = useState<Asked>()
  return (
    <Section id="trash" title={t('settings.trash')} hint={t('settings.trashHint')} heading={heading}>
      <Conversations of={trash} empty={t('settings.trashEmpty')}>
        {(one) => <Deleted key={one.id} held={one} onEnd={setAsked} />}
      </Conversations>
      {asked ? <EndQuestion asked={asked} heading={heading} onClose={() => setAsked(undefined)} /> : null}
    </Section>
  )
}

type EndQuestionProps = { asked: Asked; heading: RefObject<HTMLElement | null>; onClose: () => void }

function EndQuestion({ asked: { held, row }, heading, onClose }: EndQuestionProps) {
  const t = useTranslate()
  // Asked while the row is still there.
  const [neighbour] = useState(() => row?.nextElementSibling ?? row?.previousElementSibling)
  return (
    <Question
      title={t('settings.deleteForeverTitle', { title: held.title || t('conversation.untitled') })}
      text={t('settings.deleteForeverText')}
      action={t('settings.deleteForever')}
      onYes={() => deleteForEver(held.id)}
      onClose={onClose}
      after={() => neighbour?.querySelector<HTMLElement>('button:last-of-type') ?? heading.current}
    />
  )
}

type ConversationsProps = { of: typeof trash; empty: string; children: (one: Conversation) => ReactNode }

function Conversations({ of, empty, children }: ConversationsProps) {
  const t = useTranslate()
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(of)
  const held = data?.pages.flatMap((page) => page.items)
  return (
    <>
      {held?.length === 0 ? <p className="text-muted">{empty}</p> : null}
      <ul className="-my-2 flex flex-col divide-y divide-border empty:hidden">{held?.map(children)}</ul>
      {hasNextPage ? (
        <Button size="sm" className="w-fit" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t('sidebar.more')}
        </Button>
      ) : null}
    </>
  )
}

function Archived({ held }: { held: Conversation }) {
  const t = useTranslate()
  const title = held.title || t('conversation.untitled')
  const unarchive = () =>
    organise([held.id], 'unarchive', [held]).then(() => notify(t('conversation.unarchived', { title })), notifyError)
  return (
    <li className="flex flex-wrap items-center gap-2 py-2">
      <Link to={paths.chat(held.id)} className="min-w-40 flex-1 truncate rounded-chip hover:underline">
        {title}
      </Link>
      <Button size="sm" aria-label={t('settings.restoreOf', { title })} onClick={() => void unarchive()}>
        {t('settings.restore')}
      </Button>
    </li>
  )
}

function Deleted({ held, onEnd }: { held: Conversation; onEnd: (asked: Asked) => void }) {
  const t = useTranslate()
  const title = held.title || t('conversation.untitled')
  const [busy, setBusy] = useState(false)

  async function takeOut() {
    setBusy(true)
    try {
      await restore(held)
      notify(t('settings.restored', { title }))
    } catch (error) {
      notifyError(error)
    } finally {
      setBusy(false)
    }
  }

  return (
    <li className="flex flex-wrap items-center gap-2 py-2">
      <span className="min-w-40 flex-1 truncate">{title}</span>
      <Button size="sm" disabled={busy} aria-label={t('settings.restoreOf', { title })} onClick={() => void takeOut()}>
        {t('settings.restore')}
      </Button>
      <Button
        size="sm"
        variant="danger"
        disabled={busy}
        aria-label={t('settings.deleteForeverOf', { title })}
        onClick={(event) => onEnd({ held, row: event.currentTarget.closest('li') })}
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
        <PasswordField
          label={t('auth.password')}
          name="password"
          autoComplete="current-password"
          required
          error={form.errorOf('password')}
        />
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
