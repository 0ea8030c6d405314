import { X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import {
  Dialog,
  DialogClose,
  DialogOverlay,
  DialogPanel,
  DialogPortal,
  DialogTitle,
} from '../../../components/ui/dialog'
import { IconButton } from '../../../components/ui/icon-button'
import { SheetHandle } from '../../../components/ui/sheet-handle'
import { useTranslate } from '../../../lib/i18n'
import { useIsPhone } from '../../../lib/use-media'
import { cn } from '../../../lib/utils'
import type { Source } from '../types'

const hostOf = (address: string) => (URL.canParse(address) ? new URL(address).host : '')

type SourcesPanelProps = {
  sources: Source[]
  /** The number of the one that is looked at; 0 is none of them more than others. */
  at: number
  onClose: () => void
}

/** What an answer leans on: beside the page, which stays in use; on phones a sheet over it. */
export function SourcesPanel({ sources, at, onClose }: SourcesPanelProps) {
  const t = useTranslate()
  const isPhone = useIsPhone()
  const list = useRef<HTMLOListElement>(null)

  useEffect(() => focusSource(list.current, at), [at])

  return (
    <Dialog open modal={isPhone} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogPortal>
        {isPhone ? <DialogOverlay /> : null}
        <DialogPanel
          data-slot="dialog-content"
          data-panel="sources"
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            focusSource(list.current, at)
          }}
          onInteractOutside={(event) => {
            if (!isPhone) event.preventDefault()
          }}
          className={cn(
            'fixed z-40 flex flex-col border-border bg-elevated shadow-lg',
            'max-md:inset-x-0 max-md:bottom-0 max-md:z-50 max-md:max-h-[80dvh] max-md:rounded-t-dialog max-md:border-t max-md:pt-4',
            'md:inset-y-0 md:end-0 md:w-[420px] md:max-w-full md:border-s',
          )}
        >
          {isPhone ? <SheetHandle /> : null}
          <div className="flex h-13 shrink-0 items-center justify-between ps-5 pe-2">
            <DialogTitle>{t('chat.sources.title')}</DialogTitle>
            <DialogClose asChild>
              <IconButton label={t('app.close')}>
                <X />
              </IconButton>
            </DialogClose>
          </div>
          <ol
            ref={list}
            className="scroll-area flex min-h-0 flex-1 flex-col gap-1 overflow-y-auto px-2 pb-[max(16px,env(safe-area-inset-bottom))]"
          >
            {sources.map((source) => (
              <li
                key={source.n}
                data-n={source.n}
                className={cn('flex gap-3 rounded-card p-3', source.n === at && 'bg-accent-soft')}
              >
                <span aria-hidden="true" className="nums w-5 shrink-0 text-end text-muted">
                  {source.n}
                </span>
                <div className="min-w-0 flex-1">
                  <a
                    href={source.url}
                    target="_blank"
                    rel="noopener noreferrer"
                    aria-label={t('chat.source.cited', { n: String(source.n), title: source.title || source.url })}
                    className="text-accent-text underline decoration-1 underline-offset-3 [overflow-wrap:anywhere]"
                  >
                    {source.title || source.url}
                  </a>
                  <p className="truncate text-muted text-sm">{hostOf(source.url)}</p>
                  {source.snippet ? (
                    <p className="mt-1 line-clamp-5 text-sm [overflow-wrap:anywhere]">{source.snippet}</p>
                  ) : null}
                </div>
              </li>
            ))}
          </ol>
        </DialogPanel>
      </DialogPortal>
    </Dialog>
  )
}

/** Puts the focus on the link of a source, or of the first. */
function focusSource(list: HTMLOListElement | null, at: number) {
  const row = list?.querySelector(`[data-n="${at}"]`) ?? list?.firstElementChild
  row?.scrollIntoView?.({ block: 'nearest' })
  row?.querySelector('a')?.focus({ preventScroll: true })
}
