import { useQuery } from '@tanstack/react-query'
import { ChevronDown, ChevronUp, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { IconButton } from '../../../components/ui/icon-button'
import { focusComposer } from '../../../lib/focus'
import { useTranslate } from '../../../lib/i18n'
import { paths } from '../../../lib/paths'
import { messageAnchor } from '../parkable'
import { markedIn, markFound, unmark } from './mark-found'
import { most, placesOf } from './queries'

type FindBarProps = { conversation: number; asked: number; onClose: () => void }

/** Looks for words in one conversation, from the end up. */
export function FindBar({ conversation, asked, onClose }: FindBarProps) {
  const t = useTranslate()
  const navigate = useNavigate()
  const field = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState('')
  const words = useLater(typed.trim(), 150)
  const { data, isPlaceholderData, isError } = useQuery(placesOf(conversation, words))
  const places = words === '' ? undefined : data
  const count = places?.length ?? 0
  // Other words begin at their newest place.
  const [gone, setGone] = useState({ words: '', at: 0 })
  const at = gone.words === words ? Math.min(gone.at, Math.max(0, count - 1)) : 0
  const place = places?.[at]

  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for once more, it is ready for other words
  useEffect(() => {
    field.current?.focus()
    field.current?.select()
  }, [asked])
  useEffect(() => unmark, [])

  useEffect(() => {
    if (!place?.message_id || isPlaceholderData) return unmark()
    const anchor = messageAnchor(place.message_id)
    void navigate(`${paths.chat(conversation)}#${anchor}`, { replace: true })
    return markFound(anchor, markedIn(place.snippet))
  }, [place, isPlaceholderData, conversation, navigate])

  const move = (by: number) => count > 0 && setGone({ words, at: (at + by + count) % count })
  const close = () => {
    document.querySelector('article[aria-current]')?.removeAttribute('aria-current')
    void navigate(paths.chat(conversation), { replace: true })
    onClose()
    focusComposer()
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Escape') close()
    else if (event.key !== 'Enter' || event.target !== field.current) return
    // A key that is held down does not run through all places.
    else if (!event.repeat) move(event.shiftKey ? -1 : 1)
    event.preventDefault()
  }

  const sum = count >= most ? `${most}+` : String(count)
  const state = isError
    ? t('find.failed')
    : places === undefined
      ? ''
      : count === 0
        ? t('find.none')
        : t('find.place', { at: at + 1, count: sum })
  return (
    <search
      data-find
      aria-label={t('find.label')}
      onKeyDown={onKeyDown}
      className="absolute end-4 top-2 z-10 flex h-12 w-[min(420px,calc(100%-32px))] items-center gap-1 rounded-card border border-border bg-elevated ps-3 pe-1.5 shadow-md"
    >
      <input
        ref={field}
        type="search"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        placeholder={t('find.label')}
        aria-label={t('find.label')}
        maxLength={1_000}
        className="h-9 min-w-0 flex-1 bg-transparent text-base text-fg outline-none placeholder:text-muted touch:text-[16px]"
      />
      <span role="status" className="nums shrink-0 px-1 text-muted text-sm">
        {state}
      </span>
      <IconButton label={t('find.older')} keys="Enter" disabled={count === 0} onClick={() => move(1)}>
        <ChevronUp />
      </IconButton>
      <IconButton label={t('find.newer')} keys="Shift+Enter" disabled={count === 0} onClick={() => move(-1)}>
        <ChevronDown />
      </IconButton>
      <IconButton label={t('find.close')} keys="Esc" onClick={close}>
        <X />
      </IconButton>
    </search>
  )
}

/** A value once it has stayed the same for so many milliseconds. */
function useLater<T>(value: T, by: number): T {
  const [later, setLater] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setLater(value), by)
    return () => clearTimeout(timer)
  }, [value, by])
  return later
}
