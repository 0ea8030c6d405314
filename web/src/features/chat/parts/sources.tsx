import { Globe } from 'lucide-react'
import { type ComponentProps, type ReactNode, useId, useMemo } from 'react'
import { create } from 'zustand'
import { CitedContext } from '../../../components/markdown/cited'
import { Button } from '../../../components/ui/button'
import { useTranslate } from '../../../lib/i18n'
import { piece, usePiece } from '../../../lib/piece'
import type { Source } from '../types'

const panel = piece(() => import('./sources-panel'))

/** Whose sources are looked at, and which of them; 0 is all. */
const useOpened = create<{ owner: string | null; at: number }>(() => ({ owner: null, at: 0 }))

const close = () => useOpened.setState({ owner: null })

/** What an answer says, the numbers in it as ways to its sources, and all of these behind it. */
export function Cited({ sources, children }: { sources: Source[]; children: ReactNode }) {
  const t = useTranslate()
  const owner = useId()
  const isOpen = useOpened((state) => state.owner === owner)
  const safe = useMemo(() => sources.filter((source) => /^https?:/i.test(source.url ?? '')), [sources])
  const cited = useMemo(
    () => ({
      titles: new Map(safe.map(({ n, title, url }) => [n, title || url])),
      open: (at: number) => useOpened.setState({ owner, at }),
    }),
    [safe, owner],
  )
  return (
    <CitedContext value={cited}>
      {children}
      {safe.length > 0 ? (
        <Button
          size="sm"
          variant="outline"
          aria-haspopup="dialog"
          className="mt-3"
          onPointerEnter={panel.preload}
          onFocus={panel.preload}
          onClick={() => cited.open(0)}
        >
          <Globe />
          {t('chat.sources', { count: safe.length })}
        </Button>
      ) : null}
      {isOpen ? <Opened sources={safe} onClose={close} /> : null}
    </CitedContext>
  )
}

function Opened(props: Omit<ComponentProps<Awaited<ReturnType<typeof panel.load>>['SourcesPanel']>, 'at'>) {
  const at = useOpened((state) => state.at)
  const code = usePiece(panel)
  return code ? <code.SourcesPanel {...props} at={at} /> : null
}
