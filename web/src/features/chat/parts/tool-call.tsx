import { ChevronRight, Wrench } from 'lucide-react'
import { currentLanguage, useTranslate } from '../../../lib/i18n'
import type { ToolCall } from '../types'

/** A tool that the model used: its name, and on demand what went in and came out. */
export function ToolCallCard({ part }: { part: ToolCall }) {
  const t = useTranslate()
  const isDone = part.state === 'completed' || part.state === 'done'
  const hasFailed = part.state === 'failed'
  const key = hasFailed ? 'chat.tool.failed' : isDone ? 'chat.tool.done' : 'chat.tool.running'
  const seconds = part.duration_ms === null ? 0 : Math.round(part.duration_ms / 100) / 10
  return (
    <details className="group/tool my-3 rounded-card border border-border text-muted">
      <summary className="flex min-h-9 items-center gap-2 rounded-card px-3 touch:min-h-11">
        <Wrench className="size-4 shrink-0 stroke-[1.75]" />
        <span className="min-w-0 flex-1 truncate">{t(key, { name: part.name })}</span>
        {seconds > 0 ? (
          <span className="nums text-sm">
            {t('chat.tool.seconds', { count: seconds.toLocaleString(currentLanguage()) })}
          </span>
        ) : null}
        {isDone || hasFailed ? null : <span className="stream-dot" />}
        <ChevronRight className="size-4 shrink-0 stroke-[1.75] transition-transform group-open/tool:rotate-90" />
      </summary>
      <dl className="border-border border-t px-3 py-2 text-sm">
        <dt className="font-medium">{t('chat.tool.input')}</dt>
        <dd className={textClass}>{readable(part.arguments)}</dd>
        {part.result === undefined || part.result === null ? null : (
          <>
            <dt className="mt-2 font-medium">{t('chat.tool.result')}</dt>
            <dd className={textClass}>{readable(part.result)}</dd>
          </>
        )}
      </dl>
    </details>
  )
}

const textClass = 'max-h-80 overflow-y-auto whitespace-pre-wrap font-mono [overflow-wrap:anywhere]'

/** JSON with its lines apart; other text as it is. */
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
