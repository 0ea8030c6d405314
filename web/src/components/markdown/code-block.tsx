import { type ReactNode, useDeferredValue, useEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import { useTranslate } from '../../lib/i18n'
import { piece } from '../../lib/piece'
import { CopyButton } from '../copy-button'
import type { Piece } from './highlight'

const painter = piece(() => import('./highlight'))

/** Beyond this the colours wait until the block is closed, so that a long answer stays smooth. */
const liveLimit = 8_000

function usePieces(code: string, language: string, growing: boolean): Piece[] | undefined {
  const paint = useStore(painter.held).code?.highlight
  useEffect(painter.preload, [])

  // A line that is still growing keeps its plain colour: half a string would paint all that follows.
  const stable = growing ? code.slice(0, code.lastIndexOf('\n') + 1) : code
  const waits = growing && stable.length > liveLimit
  return useMemo(() => (paint && !waits ? paint(stable, language) : undefined), [paint, stable, language, waits])
}

/** The frame of a block: its name, and what can be done with it. */
export function CodeFrame({ name, actions, children }: { name: string; actions: ReactNode; children: ReactNode }) {
  return (
    <figure className="my-4 overflow-hidden rounded-card border border-border bg-surface">
      <figcaption className="flex h-9 items-center justify-between gap-2 border-border border-b ps-4 pe-1 text-muted text-xs">
        <span className="min-w-0 truncate">{name}</span>
        <span className="flex shrink-0">{actions}</span>
      </figcaption>
      {children}
    </figure>
  )
}

/** Code in a region that scrolls sideways. */
export function PlainCode({ code, name, children }: { code?: string; name: string; children?: ReactNode }) {
  const t = useTranslate()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section aria-label={t('code.label', { language: name })} tabIndex={0} className="overflow-x-auto">
      <pre className="w-max min-w-full px-4 py-3 font-mono text-[13px] leading-5">
        <code>{children ?? code}</code>
      </pre>
    </section>
  )
}

/** A block of code with its language, its colours and a button that copies it exactly. */
export function CodeBlock({ code, language, growing }: { code: string; language: string; growing: boolean }) {
  const t = useTranslate()
  const shown = useDeferredValue(code)
  // Whether a line grows is said of the same moment: the half of one that is drawn late is no whole line.
  const grows = useDeferredValue(growing)
  const pieces = usePieces(shown, language, grows)
  const length = pieces?.reduce((sum, piece) => sum + piece.text.length, 0) ?? 0
  const name = language || t('code.plain')
  return (
    <CodeFrame name={name} actions={<CopyButton label={t('code.copy')} text={() => code} />}>
      <PlainCode name={name}>
        {pieces?.map((piece, index) =>
          piece.colour ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity but their place
            <span key={index} className={`code-${piece.colour}`}>
              {piece.text}
            </span>
          ) : (
            piece.text
          ),
        )}
        {shown.slice(length)}
      </PlainCode>
    </CodeFrame>
  )
}
