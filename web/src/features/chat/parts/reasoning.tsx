import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { useTranslate } from '../../../lib/i18n'
import { usePreferences } from '../../../lib/preferences'

type ReasoningProps = { text: string; duration_ms?: number | undefined; thinking: boolean }

/** What the model thought before it spoke: one line, folded. While it thinks, the line shows its latest step. */
export function Reasoning({ text, duration_ms, thinking }: ReasoningProps) {
  const t = useTranslate()
  const [open, setOpen] = useState(false)
  const isShown = usePreferences((state) => state.showReasoning)
  // That it thinks is said all the same.
  if (!isShown) return thinking ? <p className="mb-3 text-muted">{t('chat.reasoning')}</p> : null
  const step = thinking ? text.trimEnd().split('\n').pop()?.replace(/[*#`]/g, '') : undefined
  // Answers of before it was measured do not say.
  const seconds = duration_ms === undefined ? undefined : Math.max(1, Math.round(duration_ms / 1000))
  const head = thinking ? t('chat.reasoning') : seconds ? t('chat.reasonedFor', { count: seconds }) : t('chat.reasoned')
  return (
    <div className="mb-3 text-muted">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex min-h-8 max-w-full items-center gap-1.5 rounded-button text-start hover:text-fg touch:min-h-11"
      >
        <ChevronRight className={`size-4 shrink-0 stroke-[1.75] transition-transform ${open ? 'rotate-90' : ''}`} />
        <span className="nums shrink-0">{head}</span>
        {step && !open ? <span className="min-w-0 truncate opacity-80">· {step}</span> : null}
      </button>
      {open ? (
        <div className="mt-1 ms-2 whitespace-pre-wrap border-border border-s-2 ps-4 text-base leading-6 [overflow-wrap:anywhere]">
          {text.trim()}
        </div>
      ) : null}
    </div>
  )
}
