import { type FormEvent, useRef, useState } from 'react'
import { Button } from '../../components/ui/button'
import { Dialog, DialogClose, DialogContent, DialogDescription, DialogTitle } from '../../components/ui/dialog'
import { Field } from '../../components/ui/field'
import { useTranslate } from '../../lib/i18n'
import { notifyError } from '../../lib/toast'
import type { QuestionProps } from './question'

const plain = (text: string) => text.trim().toLowerCase()

/** Stays until it is done, so that the focus goes to where something is then. */
export function QuestionDialog({ title, text, action, other, word = '', onYes, onClose, after }: QuestionProps) {
  const t = useTranslate()
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const isDone = useRef(false)

  async function perform(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    // The button that has the focus is about to be disabled.
    event.currentTarget.closest<HTMLElement>('[role="dialog"]')?.focus()
    setBusy(true)
    try {
      await onYes()
      isDone.current = true
      onClose()
    } catch (error) {
      notifyError(error)
      setBusy(false)
    }
  }

  return (
    <Dialog open onOpenChange={(isOpen) => isOpen || busy || onClose()}>
      <DialogContent
        onCloseAutoFocus={(event) => {
          const next = isDone.current ? after?.() : undefined
          if (!next) return
          event.preventDefault()
          next.focus()
        }}
      >
        <form onSubmit={(event) => void perform(event)} className="flex flex-col gap-4">
          <DialogTitle className="[overflow-wrap:anywhere]">{title}</DialogTitle>
          <DialogDescription>{text}</DialogDescription>
          {word ? (
            <Field
              label={t('settings.typeWord', { word })}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          ) : null}
          <div className="flex flex-wrap justify-end gap-2">
            <DialogClose asChild>
              <Button disabled={busy}>{other ?? t('app.cancel')}</Button>
            </DialogClose>
            <Button type="submit" variant="danger" loading={busy} disabled={plain(typed) !== plain(word)}>
              {action}
            </Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  )
}
