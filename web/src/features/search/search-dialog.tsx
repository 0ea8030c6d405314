import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Search } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { Dialog, DialogOverlay, DialogPanel, DialogPortal, DialogTitle } from '../../components/ui/dialog'
import { focusComposer } from '../../lib/focus'
import { relativeTime } from '../../lib/format'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { cn } from '../../lib/utils'
import { conversations } from '../conversations/queries'
import { Marked } from './marked'
import { search } from './queries'

type Choice = { id: string; path: string; title: string; when: string; snippet?: string }
type Group = { name: string; choices: Choice[] }

function useGroups(words: string): { groups: Group[]; stale: boolean; failed: boolean } {
  const t = useTranslate()
  const list = useInfiniteQuery(conversations)
  const settled = usePaced(words, 150)
  const found = useQuery(search(settled))
  const held = list.data?.pages.flatMap((page) => page.items) ?? []
  const lower = words.toLocaleLowerCase()

  const titles = (lower ? held.filter((one) => one.title.toLocaleLowerCase().includes(lower)) : held)
    .slice(0, lower ? 5 : 8)
    .map((one) => ({ id: `c${one.id}`, path: paths.chat(one.id), title: one.title, when: one.last_activity_at }))
  const shownTitles = new Set(titles.map((one) => one.path))
  const hits = (words && settled ? (found.data ?? []) : [])
    .filter((hit) => hit.message_id !== null || !shownTitles.has(paths.chat(hit.conversation_id)))
    .map((hit) => ({
      id: `m${hit.conversation_id}.${hit.message_id}`,
      path: paths.chat(hit.conversation_id) + (hit.message_id ? `#m${hit.message_id}` : ''),
      title: hit.title,
      when: hit.timestamp,
      snippet: hit.snippet,
    }))
  const groups = [
    { name: words ? t('search.titles') : t('search.recent'), choices: titles },
    { name: t('search.messages'), choices: hits },
  ].filter((group) => group.choices.length > 0)
  return { groups, stale: words !== '' && (settled !== words || found.isFetching), failed: found.isError }
}

/** The value: at once when it begins to change, and every so many milliseconds while it goes on. */
function usePaced(value: string, ms: number): string {
  const [settled, setSettled] = useState(value)
  const next = useRef(0)
  useEffect(() => {
    const timer = setTimeout(
      () => {
        next.current = performance.now() + ms
        setSettled(value)
      },
      Math.max(0, next.current - performance.now()),
    )
    return () => clearTimeout(timer)
  }, [value, ms])
  return settled
}

/** Finds conversations by title at once, and messages as soon as the server has answered. */
export function SearchDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslate()
  const navigate = useNavigate()
  const id = useId()
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const opened = useRef(false)
  const words = query.trim()
  const { groups, stale, failed } = useGroups(words)
  const choices = groups.flatMap((group) => group.choices)
  const chosen = Math.min(at, choices.length - 1)

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && choices.length > 0) {
      event.preventDefault()
      setAt((chosen + step + choices.length) % choices.length)
    }
    if (event.key === 'Enter' && choices[chosen]) open(choices[chosen])
  }

  function open(choice: Choice) {
    opened.current = true
    onClose()
    navigate(choice.path)
  }

  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogPortal>
        <DialogOverlay />
        <DialogPanel
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            if (!opened.current) return
            event.preventDefault()
            focusComposer()
          }}
          className="fade-in-0 fixed inset-x-3 top-3 z-50 mx-auto flex max-h-[min(560px,80dvh)] max-w-[600px] animate-in flex-col overflow-hidden rounded-dialog border border-border bg-elevated shadow-lg md:top-[12vh]"
        >
          <DialogTitle className="sr-only">{t('search.label')}</DialogTitle>
          <div className="flex items-center gap-3 border-border border-b px-4">
            <Search className="size-4 shrink-0 stroke-[1.75] text-muted" />
            <input
              type="search"
              aria-label={t('search.label')}
              placeholder={t('search.label')}
              aria-controls={id}
              aria-activedescendant={choices[chosen] ? `${id}-${choices[chosen].id}` : undefined}
              autoComplete="off"
              spellCheck={false}
              className="h-13 min-w-0 flex-1 bg-transparent text-[16px] outline-none"
              value={query}
              onChange={(event) => {
                setQuery(event.target.value)
                setAt(0)
              }}
              onKeyDown={onKeyDown}
            />
            <kbd className="font-sans text-muted text-xs">Esc</kbd>
          </div>
          <div
            id={id}
            role="listbox"
            aria-label={t('search.label')}
            className={cn('scroll-area p-2', stale && 'opacity-60')}
          >
            {groups.map((group) => (
              // biome-ignore lint/a11y/useSemanticElements: a group of options has no element of its own
              <div key={group.name} role="group" aria-label={group.name}>
                <p aria-hidden="true" className="px-2 pt-2 pb-1 text-muted text-xs">
                  {group.name}
                </p>
                {group.choices.map((choice) => (
                  <Option
                    key={choice.id}
                    id={`${id}-${choice.id}`}
                    choice={choice}
                    chosen={choice === choices[chosen]}
                    onOpen={() => open(choice)}
                  />
                ))}
              </div>
            ))}
          </div>
          {choices.length === 0 && words && !stale ? (
            <p className="px-4 pb-6 text-center text-muted">
              {failed ? t('search.failed') : t('search.none', { query: words })}
            </p>
          ) : null}
          <p className="border-border border-t px-4 py-2 text-muted text-xs max-md:hidden">{t('search.keys')}</p>
        </DialogPanel>
      </DialogPortal>
    </Dialog>
  )
}

type OptionProps = { id: string; choice: Choice; chosen: boolean; onOpen: () => void }

function Option({ id, choice, chosen, onOpen }: OptionProps): ReactNode {
  const t = useTranslate()
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the search field, which names the active option
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the search field
    <div
      id={id}
      role="option"
      aria-selected={chosen}
      onClick={onOpen}
      ref={(node) => {
        if (chosen) node?.scrollIntoView?.({ block: 'nearest' })
      }}
      className="flex min-h-9 touch:min-h-11 cursor-pointer items-center gap-3 rounded-button px-2 py-1.5 hover:bg-user aria-selected:bg-user"
    >
      <span className="min-w-0 flex-1">
        <span className="block truncate">{choice.title || t('conversation.untitled')}</span>
        {choice.snippet ? (
          <span className="block truncate text-muted text-sm">
            <Marked snippet={choice.snippet} />
          </span>
        ) : null}
      </span>
      <span className="shrink-0 text-muted text-xs">{relativeTime(choice.when)}</span>
    </div>
  )
}
