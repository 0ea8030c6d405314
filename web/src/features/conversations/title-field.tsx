import { useLayoutEffect, useRef, useState } from 'react'
import { useTranslate } from '../../lib/i18n'
import { cn } from '../../lib/utils'

type TitleFieldProps = {
  title: string
  label?: string
  className?: string
  onSave: (title: string) => void
  /** Says whether a key has ended it. */
  onClose: (byKey: boolean) => void
}

/** Whether a title is being written. Ended by a key, the focus goes back to what `back` is put on. */
export function useNaming<T extends HTMLElement>() {
  const [naming, setNaming] = useState(false)
  const back = useRef<T>(null)
  const byKey = useRef(false)
  useLayoutEffect(() => {
    if (naming || !byKey.current) return
    byKey.current = false
    back.current?.focus()
  }, [naming])
  function close(isByKey: boolean) {
    byKey.current = isByKey
    setNaming(false)
  }
  return { naming, back, begin: () => setNaming(true), close }
}

/** The title while it is being written: Enter or leaving saves, Escape gives up. */
export function TitleField({ title, label, className, onSave, onClose }: TitleFieldProps) {
  const t = useTranslate()
  const [text, setText] = useState(title)

  function finish(save: boolean, byKey: boolean) {
    const wanted = text.trim()
    if (save && wanted && wanted !== title) onSave(wanted)
    onClose(byKey)
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
      onBlur={() => finish(true, false)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return
        if (event.key !== 'Enter' && event.key !== 'Escape') return
        // What has the focus next is not pressed by this key.
        event.preventDefault()
        finish(event.key === 'Enter', true)
      }}
    />
  )
}
