import { Check, ChevronRight, Search } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { Dialog, DialogOverlay, DialogPanel, DialogPortal, DialogTitle } from '../../components/ui/dialog'
import { withEnter } from '../../lib/commands'
import { focusComposer } from '../../lib/focus'
import { relativeTime } from '../../lib/format'
import { useTranslate } from '../../lib/i18n'
import { cn } from '../../lib/utils'
import type { Choice, CommandChoice, PlaceChoice } from './choices'
import type { Organise } from './commands'
import { Marked } from './marked'
import { useGroups } from './use-groups'

/** Finds conversations, messages and commands; what is chosen is opened or done. */
export function SearchDialog({ organise, onClose }: { organise: Organise; onClose: () => void }) {
  const t = useTranslate()
  const navigate = useNavigate()
  const id = useId()
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  /** Enter came sooner than what it opens, and waits for it. */
  const [hasty, setHasty] = useState<{ inNewTab: boolean }>()
  /** What is done when the palette has closed, and whether it takes the focus; else that goes back first. */
  const planned = useRef<{ act: () => void; takesFocus?: boolean }>(undefined)
  const words = query.trim()
  const { groups, stale, failed } = useGroups(words, organise)
  const choices = groups.flatMap((group) => group.choices)
  const chosen = Math.min(at, choices.length - 1)

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && choices.length > 0) {
      event.preventDefault()
      setAt((chosen + step + choices.length) % choices.length)
      setHasty(undefined)
    }
    if (event.key === 'Enter') enter(event.ctrlKey || event.metaKey)
  }

  function enter(inNewTab: boolean) {
    const choice = choices[chosen]
    // What stands first may be what was found for fewer words; what was gone to is what is meant.
    const isOld = stale && at === 0 && (!choice || ('isTold' in choice && choice.isTold))
    if (isOld) setHasty({ inNewTab })
    else if (choice) choose(choice, inNewTab)
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: what is there is looked at when it has come
  useEffect(() => {
    if (!hasty || stale) return
    setHasty(undefined)
    enter(hasty.inNewTab)
  }, [hasty, stale])

  function choose(choice: Choice, inNewTab: boolean) {
    if ('act' in choice) {
      planned.current = choice
      onClose()
    } else if (inNewTab) {
      window.open(choice.path, '_blank', 'noopener')
    } else {
      planned.current = { act: focusComposer, takesFocus: true }
      onClose()
      navigate(choice.path)
    }
  }

  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogPortal>
        <DialogOverlay />
        <DialogPanel
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            if (!planned.current) return
            if (planned.current.takesFocus) event.preventDefault()
            setTimeout(planned.current.act)
          }}
          className="fade-in-0 fixed inset-x-3 top-3 z-50 mx-auto flex max-h-[min(560px,80dvh)] max-w-[600px] animate-in flex-col overflow-hidden rounded-dialog border border-border bg-elevated shadow-lg md:top-[12vh]"
        >
          <DialogTitle className="sr-only">{t('search.label')}</DialogTitle>
          <div className="flex items-center gap-3 border-border border-b px-4">
            <Search className="size-4 shrink-0 stroke-[1.75] text-muted" />
            <input
              type="search"
              aria-label={t('search.label')}
              placeholder={t('search.placeholder')}
              aria-controls={id}
              aria-activedescendant={choices[chosen] ? `${id}-${choices[chosen].id}` : undefined}
              autoComplete="off"
              spellCheck={false}
              className="h-13 min-w-0 flex-1 bg-transparent text-[16px] outline-none"
              value={query}
              onChange={(event) => {
                setQuery(event.target.value)
                setAt(0)
                setHasty(undefined)
              }}
              onKeyDown={onKeyDown}
            />
            <kbd className="font-sans text-muted text-xs">Esc</kbd>
          </div>
          <div
            id={id}
            role="listbox"
            aria-label={t('search.label')}
            // The list scrolls, so the focus can come to it; the keys are the same here.
            tabIndex={0}
            aria-activedescendant={choices[chosen] ? `${id}-${choices[chosen].id}` : undefined}
            onKeyDown={onKeyDown}
            className={cn('scroll-area p-2 outline-offset-[-2px]', stale && 'opacity-60')}
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
                    onChoose={(inNewTab) => choose(choice, inNewTab)}
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
          <p className="flex flex-wrap justify-between gap-x-4 gap-y-1 border-border border-t px-4 py-2 text-muted text-xs">
            <span className="max-md:hidden">{t('search.keys', { newTab: withEnter })}</span>
            <span>{t('search.prefixes')}</span>
          </p>
        </DialogPanel>
      </DialogPortal>
    </Dialog>
  )
}

type OptionProps = { id: string; choice: Choice; chosen: boolean; onChoose: (inNewTab: boolean) => void }

function Option({ id, choice, chosen, onChoose }: OptionProps): ReactNode {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the search field, which names the active option
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the search field
    <div
      id={id}
      role="option"
      aria-selected={chosen}
      onClick={(event) => onChoose(event.ctrlKey || event.metaKey)}
      ref={(node) => {
        if (chosen) node?.scrollIntoView?.({ block: 'nearest' })
      }}
      className="flex min-h-9 touch:min-h-11 cursor-pointer items-center gap-3 rounded-button px-2 py-1.5 hover:bg-user aria-selected:bg-user"
    >
      {'act' in choice ? <CommandRow choice={choice} /> : <PlaceRow choice={choice} />}
    </div>
  )
}

function CommandRow({ choice: { title, keys, note, current } }: { choice: CommandChoice }): ReactNode {
  const t = useTranslate()
  const Icon = current ? Check : ChevronRight
  return (
    <>
      <Icon className={cn('size-4 shrink-0 stroke-[1.75]', current ? 'text-accent-text' : 'text-muted')} />
      <span className="min-w-0 flex-1 truncate">
        {title}
        {current ? <span className="sr-only"> {t('search.current')}</span> : null}
      </span>
      {note ? <span className="min-w-0 truncate text-muted text-xs">{note}</span> : null}
      {keys ? <kbd className="shrink-0 font-sans text-muted text-xs touch:hidden">{keys}</kbd> : null}
    </>
  )
}

function PlaceRow({ choice }: { choice: PlaceChoice }): ReactNode {
  const t = useTranslate()
  return (
    <>
      <span className="min-w-0 flex-1">
        <span className="block truncate">{choice.title || t('conversation.untitled')}</span>
        {choice.snippet ? (
          <span className="block truncate text-muted text-sm">
            <Marked snippet={choice.snippet} />
          </span>
        ) : null}
      </span>
      <span className="shrink-0 text-muted text-xs">{relativeTime(choice.when)}</span>
    </>
  )
}
