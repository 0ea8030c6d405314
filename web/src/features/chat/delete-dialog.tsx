import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { Button } from '../../components/ui/button'
import { Dialog, DialogClose, DialogContent, DialogDescription, DialogTitle } from '../../components/ui/dialog'
import { focusComposer } from '../../lib/focus'
import { useTranslate } from '../../lib/i18n'
import { notifyError } from '../../lib/toast'
import { countBelow, deleteMessage } from './delete-message'
import { messageAnchor } from './parkable'
import { heldMessages } from './queries'
import type { Message } from './types'

/** Asks before a message goes for good, and says how many go with it. */
export function DeleteMessage({ message, onClose }: { message: Message; onClose: () => void }) {
  const t = useTranslate()
  const { data: count, error } = useQuery({
    queryKey: ['below', message.id],
    queryFn: () => countBelow(message),
    gcTime: 0,
  })
  const [place] = useState(() => heldMessages(message.conversation_id).findIndex(({ id }) => id === message.id))
  const [busy, setBusy] = useState(false)
  // The dialog goes with the message, maybe before the server has said that it is gone.
  const gone = useRef(false)

  async function perform() {
    setBusy(true)
    gone.current = true
    try {
      await deleteMessage(message)
    } catch (failed) {
      gone.current = false
      notifyError(failed)
    }
    onClose()
  }

  return (
    <Dialog open onOpenChange={(open) => open || busy || onClose()}>
      <DialogContent
        className="flex flex-col gap-4"
        onCloseAutoFocus={(event) => {
          if (!gone.current) return
          event.preventDefault()
          focusAt(message.conversation_id, place)
        }}
      >
        <DialogTitle>{t('message.deleteTitle')}</DialogTitle>
        <DialogDescription className="min-h-15" aria-busy={count === undefined && !error}>
          {error ? t('app.unreachable') : count === undefined ? null : t('message.deleteText', { count })}
        </DialogDescription>
        <div className="flex flex-wrap justify-end gap-2">
          <DialogClose asChild>
            <Button disabled={busy}>{t('app.cancel')}</Button>
          </DialogClose>
          <Button variant="danger" disabled={count === undefined} loading={busy} onClick={() => void perform()}>
            {t('conversation.delete')}
          </Button>
        </div>
      </DialogContent>
    </Dialog>
  )
}

/** The focus goes to the version that is in its place now, else to what was said before it, else to the message field. */
function focusAt(conversation: number, place: number) {
  const held = heldMessages(conversation)
  const next = held[place] ?? held.at(-1)
  const row = next && document.getElementById(messageAnchor(next.id))
  const control = row?.querySelector<HTMLElement>('[data-control="more"]')
  if (control) control.focus()
  else focusComposer()
}
