import { type FormEvent, useId, useState } from 'react'
import { Button } from '../../components/ui/button'
import { focusComposer } from '../../lib/focus'
import { useTranslate } from '../../lib/i18n'
import { notify } from '../../lib/toast'
import { rate } from './rate'
import type { Message } from './types'

/** As the server takes it. */
const most = 2_000

/** What was wrong with an answer. It may stay empty: the thumb alone is counted already. */
export function CommentField({ message, onClose }: { message: Message; onClose: () => void }) {
  const t = useTranslate()
  const id = useId()
  const [text, setText] = useState(message.feedback?.comment ?? '')
  const [busy, setBusy] = useState(false)

  function close() {
    onClose()
    focusComposer()
  }

  async function send(event: FormEvent) {
    event.preventDefault()
    setBusy(true)
    const kept = await rate(message, { rating: 'down', comment: text.trim() })
    setBusy(false)
    if (!kept) return
    notify(t('feedback.thanks'))
    close()
  }

  return (
    <form onSubmit={(event) => void send(event)} className="mt-2 rounded-card border border-border bg-elevated p-3">
      <label htmlFor={id} className="font-medium text-sm">
        {t('feedback.why')}
      </label>
      <textarea
        // biome-ignore lint/a11y/noAutofocus: it appears because the person pressed the button above it
        autoFocus
        id={id}
        maxLength={most}
        rows={2}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || event.nativeEvent.isComposing) return
          event.preventDefault()
          close()
        }}
        className="field-sizing-content my-2 max-h-[30dvh] min-h-16 w-full resize-none rounded-button border border-control bg-bg px-3 py-2 text-base max-md:text-[16px]"
      />
      <div className="flex justify-end gap-2">
        <Button size="sm" variant="ghost" onClick={close}>
          {t('feedback.skip')}
        </Button>
        <Button size="sm" type="submit" variant="primary" disabled={text.trim() === ''} loading={busy}>
          {t('feedback.send')}
        </Button>
      </div>
    </form>
  )
}
