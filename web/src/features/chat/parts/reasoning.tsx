import { ChevronRight } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslate } from '../../../lib/i18n'
import { usePreferences } from '../../../lib/preferences'

/** What the model thought before it spoke: one line, folded. While it thinks, the line shows its latest step. */
export function Reasoning({ text, thinking }: { text: string; thinking: boolean }) {
  const t = useTranslate()
  const [open, setOpen] = useState(false)
  const seconds = useThinkingTime(thinking)
  const isShown = usePreferences((state) => state.showReasoning)
  // That it thinks is said all the same.
  if (!isShown) return thinking ? <p className="mb-3 text-muted">{t('chat.reasoning')}</p> : null
  const step = thinking ? text.trimEnd().split('\n').pop()?.replace(/[*#`]/g, '') : undefined
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

/** Whole seconds of thinking that were seen here; 0 if it was over before. */
function useThinkingTime(thinking: boolean): number {
  const startedAt = useRef(0)
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    if (!thinking) return
    startedAt.current ||= performance.now()
    return () => setSeconds(Math.max(1, Math.round((performance.now() - startedAt.current) / 1000)))
  }, [thinking])
  return seconds
}
