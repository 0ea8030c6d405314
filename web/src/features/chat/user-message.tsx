import { Pencil } from 'lucide-react'
import { memo, useLayoutEffect, useRef, useState } from 'react'
import { CopyButton } from '../../components/copy-button'
import { Button } from '../../components/ui/button'
import { IconButton } from '../../components/ui/icon-button'
import { focusComposer } from '../../lib/focus'
import { useTranslate } from '../../lib/i18n'
import { SentFiles } from '../files/sent-files'
import { BranchSwitcher } from './branch-switcher'
import { bubbleClass } from './bubble'
import { useKeptFocus } from './kept-focus'
import { MoreOfMessage } from './more-of-message'
import { messageAnchor } from './parkable'
import { edit } from './send'
import { isSendKey } from './send-key'
import { type Message, textOf } from './types'

/** A person's own message: a bubble at the right, with its versions. */
export const UserMessage = memo(function UserMessage({ message, busy }: { message: Message; busy: boolean }) {
  const t = useTranslate()
  const [editing, setEditing] = useState(false)
  const row = useRef<HTMLDivElement>(null)
  const editButton = useRef<HTMLButtonElement>(null)
  const wasEditing = useRef(false)
  useKeptFocus(message, row, !busy)
  useLayoutEffect(() => {
    if (wasEditing.current && !editing) editButton.current?.focus()
    wasEditing.current = editing
  }, [editing])
  const text = textOf(message)
  const files = message.parts.filter((part) => part.type === 'file')
  return (
    <article id={messageAnchor(message.id)} aria-label={t('chat.you')} className="group/message">
      <SentFiles files={files} />
      {editing ? (
        <EditField
          text={text}
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
          {text === '' ? null : <div className={bubbleClass}>{text}</div>}
          <div ref={row} className="mt-1 flex h-8 items-center justify-end gap-0.5 text-muted touch:h-10">
            <span className="flex opacity-0 transition-opacity group-focus-within/message:opacity-100 group-hover/message:opacity-100 has-[[data-state=open]]:opacity-100 touch:opacity-100">
              {text === '' ? null : <CopyButton label={t('chat.copy')} text={() => text} />}
              <IconButton ref={editButton} label={t('chat.edit')} disabled={busy} onClick={() => setEditing(true)}>
                <Pencil />
              </IconButton>
              <MoreOfMessage message={message} busy={busy} />
            </span>
            <BranchSwitcher message={message} disabled={busy} />
          </div>
        </>
      )}
    </article>
  )
})

type EditFieldProps = {
  text: string
  /** Files say enough. */
  mayBeBlank: boolean
  onSave: (text: string) => void
  onClose: () => void
}

function EditField({ text, mayBeBlank, onSave, onClose }: EditFieldProps) {
  const t = useTranslate()
  const [value, setValue] = useState(text)
  const ready = mayBeBlank || value.trim() !== ''
  return (
    <div className="rounded-composer border border-control bg-elevated p-3">
      <textarea
        // biome-ignore lint/a11y/noAutofocus: it appears because the person asked to write here
        autoFocus
        aria-label={t('chat.edit.label')}
        className="field-sizing-content max-h-[40dvh] min-h-12 w-full resize-none bg-transparent px-1 text-chat outline-none max-md:text-[16px]"
        value={value}
        onFocus={(event) => event.target.setSelectionRange(value.length, value.length)}
        onChange={(event) => setValue(event.target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return
          if (event.key === 'Escape') {
            event.preventDefault()
            onClose()
          }
          if (isSendKey(event)) {
            event.preventDefault()
            if (ready) onSave(value)
          }
        }}
      />
      <div className="flex justify-end gap-2">
        <Button size="sm" variant="ghost" onClick={onClose}>
          {t('app.cancel')}
        </Button>
        <Button size="sm" variant="primary" disabled={!ready} onClick={() => onSave(value)}>
          {t('chat.send')}
        </Button>
      </div>
    </div>
  )
}
