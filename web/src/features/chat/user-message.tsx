import { Pencil } from 'lucide-react'
import { memo, useLayoutEffect, useRef, useState } from 'react'
import { Avatar } from '../../components/avatar'
import { CopyButton } from '../../components/copy-button'
import { Button } from '../../components/ui/button'
import { IconButton } from '../../components/ui/icon-button'
import { focusComposer } from '../../lib/focus'
import { useTranslate } from '../../lib/i18n'
import { notify } from '../../lib/toast'
import { cn } from '../../lib/utils'
import { useMe } from '../accounts/queries'
import { SentFiles } from '../files/sent-files'
import { nameOf } from '../people/types'
import { BranchSwitcher } from './branch-switcher'
import { bubbleClass } from './bubble'
import { editOf, keepEdit } from './drafts'
import { useKeptFocus } from './kept-focus'
import { MoreOfMessage } from './more-of-message'
import { messageAnchor } from './parkable'
import { edit } from './send'
import { isSendKey } from './send-key'
import { useStanding } from './standing'
import { type Message, textOf } from './types'

/** What a person said: a bubble with its versions, at the right if it is one's own, else under its author's name. */
export const UserMessage = memo(function UserMessage({ message, busy }: { message: Message; busy: boolean }) {
  const t = useTranslate()
  const { id, conversation_id: place } = message
  const { writes } = useStanding()
  const author = useOther(message)
  const [editing, setEditing] = useState<'asked' | 'found' | false>(() => (editOf(place, id)?.open ? 'found' : false))
  const row = useRef<HTMLDivElement>(null)
  const editButton = useRef<HTMLButtonElement>(null)
  const wasEditing = useRef(false)
  useKeptFocus(message, row, !busy)
  useLayoutEffect(() => {
    if (wasEditing.current && !editing) editButton.current?.focus()
    wasEditing.current = Boolean(editing)
  }, [editing])
  const isOther = author !== undefined
  const text = textOf(message)
  const files = message.parts.filter((part) => part.type === 'file')
  return (
    <article id={messageAnchor(message.id)} aria-label={author ?? t('chat.you')} className="group/message">
      {author === undefined ? null : (
        <p className="mb-1.5 flex items-center gap-2 font-medium text-fg-2 text-sm">
          <Avatar name={author} />
          {author}
        </p>
      )}
      <SentFiles files={files} />
      {editing ? (
        <EditField
          message={message}
          isAsked={editing === 'asked'}
          mayBeBlank={files.length > 0}
          onClose={() => setEditing(false)}
          onSave={(changed) => {
            setEditing(false)
            edit(message, changed)
            // Like after everything that is sent.
            focusComposer()
          }}
        />
      ) : (
        <>
          {text === '' ? null : <div className={cn(bubbleClass, isOther && 'ms-0!')}>{text}</div>}
          <div
            ref={row}
            className={cn('mt-1 flex h-8 items-center gap-0.5 text-muted touch:h-10', !isOther && 'justify-end')}
          >
            <span className="flex opacity-0 transition-opacity group-focus-within/message:opacity-100 group-hover/message:opacity-100 has-[[data-state=open]]:opacity-100 touch:opacity-100">
              {text === '' ? null : <CopyButton label={t('chat.copy')} text={() => text} />}
              {writes ? (
                <IconButton ref={editButton} label={t('chat.edit')} disabled={busy} onClick={() => setEditing('asked')}>
                  <Pencil />
                </IconButton>
              ) : null}
              <MoreOfMessage message={message} busy={busy} />
            </span>
            <BranchSwitcher message={message} disabled={busy} />
          </div>
        </>
      )}
    </article>
  )
})

/** What somebody else is called who asked this, also when they have left; undefined if it was oneself. */
function useOther({ author }: Message): string | undefined {
  const t = useTranslate()
  const me = useMe()
  const { isShared } = useStanding()
  if (author) return author.id === me.id ? undefined : nameOf(author)
  return isShared && author === null ? t('people.former') : undefined
}

type EditFieldProps = {
  message: Message
  /** The person asked for it just now: else it was open when the page was left. */
  isAsked: boolean
  /** Files say enough. */
  mayBeBlank: boolean
  onSave: (text: string) => void
  onClose: () => void
}

/** Other words for a question. They outlive the page; Escape keeps them, Cancel does not. */
function EditField({ message, isAsked, mayBeBlank, onSave, onClose }: EditFieldProps) {
  const t = useTranslate()
  const { id, conversation_id: place } = message
  const text = textOf(message)
  const [value, setValue] = useState(() => editOf(place, id)?.text ?? text)
  const ready = mayBeBlank || value.trim() !== ''

  function change(next: string) {
    setValue(next)
    keepEdit(place, id, next === text ? null : { text: next, open: true })
  }

  function close(keeps: boolean) {
    const kept = keeps && value !== text
    keepEdit(place, id, kept ? { text: value, open: false } : null)
    if (kept) notify(t('chat.edit.kept'))
    onClose()
  }

  function save() {
    keepEdit(place, id, null)
    onSave(value)
  }

  return (
    <div className="rounded-composer border border-control bg-elevated p-3">
      <textarea
        // biome-ignore lint/a11y/noAutofocus: it appears because the person asked to write here
        autoFocus={isAsked}
        aria-label={t('chat.edit.label')}
        className="field-sizing-content max-h-[40dvh] min-h-12 w-full resize-none bg-transparent px-1 text-chat outline-none max-md:text-[16px]"
        value={value}
        onFocus={(event) => event.target.setSelectionRange(value.length, value.length)}
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return
          if (event.key === 'Escape') {
            event.preventDefault()
            close(true)
          }
          if (isSendKey(event)) {
            event.preventDefault()
            if (ready) save()
          }
        }}
      />
      <div className="flex justify-end gap-2">
        <Button size="sm" variant="ghost" onClick={() => close(false)}>
          {t('app.cancel')}
        </Button>
        <Button size="sm" variant="primary" disabled={!ready} onClick={save}>
          {t('chat.send')}
        </Button>
      </div>
    </div>
  )
}
