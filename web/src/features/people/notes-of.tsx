import { useQuery } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import { type KeyboardEvent, useId, useRef, useState } from 'react'
import { Button } from '../../components/ui/button'
import { IconButton } from '../../components/ui/icon-button'
import { exactTime, relativeTime } from '../../lib/format'
import { useTranslate } from '../../lib/i18n'
import { notifyError } from '../../lib/toast'
import { useMe } from '../accounts/queries'
import { conversation } from '../conversations/queries'
import { stopNoting, useNoting } from './noting'
import { addNote, deleteNote, notes } from './queries'
import { type Note, nameOf } from './types'

/** As the server takes it. */
const most = 10_000

type NotesOfProps = {
  of: number
  /** Those about a message; null, about no message in particular. */
  message: number | null
}

/** What members have written about a message, for each other, and the field to write more. */
export function NotesOf({ of, message }: NotesOfProps) {
  const t = useTranslate()
  const { data } = useQuery(notes(of))
  const isNoting = useNoting((state) => message !== null && state.message === message)
  const held = data?.filter((note) => note.message_id === message) ?? []
  if (held.length === 0 && !isNoting) return null
  return (
    <section
      aria-label={t('note.label')}
      className="my-3 flex flex-col gap-3 rounded-card border border-border border-dashed bg-surface px-4 py-3 text-sm"
    >
      <p className="flex flex-wrap items-center gap-x-2 text-muted">
        <span className="font-medium text-fg-2">{t('note.label')}</span>
        {t('note.unsent')}
      </p>
      {held.length > 0 ? (
        <ul className="flex flex-col gap-3">
          {held.map((note) => (
            <NoteItem key={note.id} note={note} />
          ))}
        </ul>
      ) : null}
      {isNoting ? <NoteField of={of} message={message} /> : null}
    </section>
  )
}

function NoteItem({ note }: { note: Note }) {
  const t = useTranslate()
  const me = useMe()
  const { data: talk } = useQuery({ ...conversation(note.conversation_id), enabled: false })
  const [busy, setBusy] = useState(false)
  const { author } = note
  const name = author ? nameOf(author) : t('people.former')
  const mayDelete = author?.id === me.id || talk?.role === 'owner'

  async function end() {
    setBusy(true)
    try {
      await deleteNote(note)
    } catch (error) {
      notifyError(error)
      setBusy(false)
    }
  }

  return (
    <li className="flex items-start gap-2">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-medium">{name}</span>
          <time dateTime={note.created_at} title={exactTime(note.created_at)} className="text-muted">
            {relativeTime(note.created_at)}
          </time>
        </p>
        <p className="whitespace-pre-wrap [overflow-wrap:anywhere]">{note.content}</p>
      </div>
      {mayDelete ? (
        <IconButton label={t('note.deleteOf', { name })} disabled={busy} onClick={() => void end()}>
          <Trash2 />
        </IconButton>
      ) : null}
    </li>
  )
}

function NoteField({ of, message }: NotesOfProps) {
  const t = useTranslate()
  const id = useId()
  const form = useRef<HTMLFormElement>(null)
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const isEmpty = text.trim() === ''

  /** The focus goes back to the menu that the field was opened from. */
  function close() {
    const place = form.current?.closest('section')?.previousElementSibling
    place?.querySelector<HTMLElement>('[data-control="more"]')?.focus()
    stopNoting()
  }

  async function save() {
    if (isEmpty || busy) return
    setBusy(true)
    try {
      await addNote(of, message, text.trim())
      close()
    } catch (error) {
      notifyError(error)
      setBusy(false)
    }
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return
    const isDone = event.key === 'Enter' && (event.ctrlKey || event.metaKey)
    if (event.key !== 'Escape' && !isDone) return
    event.preventDefault()
    if (isDone) void save()
    else close()
  }

  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <label htmlFor={id} className="sr-only">
        {t('note.text')}
      </label>
      <textarea
        // biome-ignore lint/a11y/noAutofocus: it appears because the person asked to write here
        autoFocus
        id={id}
        maxLength={most}
        rows={2}
        placeholder={t('note.placeholder')}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        className="field-sizing-content mb-2 max-h-[30dvh] min-h-16 w-full resize-none rounded-button border border-control bg-bg px-3 py-2 text-base max-md:text-[16px]"
      />
      <div className="flex justify-end gap-2">
        <Button size="sm" variant="ghost" onClick={close}>
          {t('app.cancel')}
        </Button>
        <Button size="sm" type="submit" variant="primary" disabled={isEmpty} loading={busy}>
          {t('note.save')}
        </Button>
      </div>
    </form>
  )
}
