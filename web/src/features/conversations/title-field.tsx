import { useState } from 'react'
import { useTranslate } from '../../lib/i18n'
import { cn } from '../../lib/utils'

type TitleFieldProps = {
  title: string
  label?: string
  className?: string
  onSave: (title: string) => void
  onClose: () => void
}

/** The title while it is being written: Enter or leaving saves, Escape gives up. */
export function TitleField({ title, label, className, onSave, onClose }: TitleFieldProps) {
  const t = useTranslate()
  const [text, setText] = useState(title)

  function finish(save: boolean) {
    const wanted = text.trim()
    if (save && wanted && wanted !== title) onSave(wanted)
    onClose()
  }

  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: it appears because the person asked to write here
      autoFocus
      aria-label={label ?? t('conversation.title')}
      maxLength={200}
      value={text}
      className={cn(
        'h-8 w-full min-w-0 rounded-chip border border-control bg-elevated px-2 text-fg text-base',
        className,
      )}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => finish(true)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return
        if (event.key === 'Enter') finish(true)
        if (event.key !== 'Escape') return
        event.preventDefault()
        finish(false)
      }}
    />
  )
}
