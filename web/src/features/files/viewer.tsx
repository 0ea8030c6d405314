import { ArrowDownToLine, ChevronLeft, ChevronRight, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { buttonVariants } from '../../components/ui/button'
import { IconButton } from '../../components/ui/icon-button'
import { http } from '../../lib/http'
import { useTranslate } from '../../lib/i18n'
import { contentOf } from './address'
import { FileImage } from './file-image'
import type { FilePart } from './types'

/** How much of a text is shown; all of it can be downloaded. */
const mostShown = 200_000

type ViewerProps = {
  files: FilePart[]
  at: number
  token: string | undefined
  onMove: (at: number) => void
  onClose: () => void
}

/** A file as large as the window. Arrows lead to the others, Escape back to where one was. */
export function Viewer({ files, at, token, onMove, onClose }: ViewerProps) {
  const t = useTranslate()
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (!box.current?.open) box.current?.showModal()
  }, [])
  const file = files[at]
  if (!file) return null
  const step = (by: number) => onMove((at + by + files.length) % files.length)

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Escape') {
      // It closes this and stops nothing else. By itself it would close only the hint of a button.
      event.preventDefault()
      event.stopPropagation()
      box.current?.close()
    }
    if (files.length < 2 || (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight')) return
    event.preventDefault()
    step(event.key === 'ArrowLeft' ? -1 : 1)
  }

  return (
    <dialog
      ref={box}
      aria-label={file.name}
      onClose={onClose}
      onKeyDown={onKeyDown}
      onClick={(event) => event.target === box.current && box.current.close()}
      className="fixed inset-0 m-0 h-dvh max-h-none w-screen max-w-none bg-bg text-fg backdrop:bg-shade open:flex open:flex-col"
    >
      <header className="flex min-h-14 items-center gap-1 px-3">
        <span className="min-w-0 flex-1 truncate font-medium">{file.name}</span>
        {files.length > 1 ? (
          <>
            <span aria-live="polite" className="nums px-2 text-muted text-sm">
              {t('file.position', { number: at + 1, count: files.length })}
            </span>
            <IconButton label={t('file.previous')} onClick={() => step(-1)}>
              <ChevronLeft />
            </IconButton>
            <IconButton label={t('file.next')} onClick={() => step(1)}>
              <ChevronRight />
            </IconButton>
          </>
        ) : null}
        <a
          href={contentOf(file.id, token)}
          download={file.name}
          aria-label={t('file.download')}
          title={t('file.download')}
          className={buttonVariants({ variant: 'ghost', size: 'icon' })}
        >
          <ArrowDownToLine />
        </a>
        <IconButton label={t('app.close')} onClick={() => box.current?.close()}>
          <X />
        </IconButton>
      </header>
      <div className="min-h-0 flex-1 p-3 pt-0">
        {file.kind === 'image' ? (
          <FileImage
            key={file.id}
            src={contentOf(file.id, token)}
            alt={file.name}
            className="mx-auto size-full object-scale-down"
          />
        ) : (
          <TextContent key={file.id} address={contentOf(file.id, token)} name={file.name} />
        )}
      </div>
    </dialog>
  )
}

function TextContent({ address, name }: { address: string; name: string }) {
  const t = useTranslate()
  const [text, setText] = useState<string | null>(null)
  useEffect(() => {
    const leave = new AbortController()
    http(address, { signal: leave.signal })
      .then((response) => (response.ok ? response.text() : Promise.reject(response)))
      .then(setText)
      .catch(() => leave.signal.aborted || setText(t('app.unreachable')))
    return () => leave.abort()
  }, [address, t])
  return (
    <section
      aria-label={name}
      aria-busy={text === null}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is scrolled by keyboard
      tabIndex={0}
      className="scroll-area mx-auto h-full max-w-[1024px] rounded-card border border-border bg-surface"
    >
      <pre className="whitespace-pre-wrap p-4 font-mono text-sm [overflow-wrap:anywhere]">
        {text?.slice(0, mostShown)}
      </pre>
    </section>
  )
}
