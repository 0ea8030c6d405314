import { ChevronRight } from 'lucide-react'
import { currentLanguage, type Translate, useTranslate } from '../../../lib/i18n'
import type { ToolCall } from '../types'
import { ToolIcon, toolName } from './tool-names'

/** A tool that the model used: its name, and on demand what went in and came out. */
export function ToolCallCard({ part }: { part: ToolCall }) {
  const t = useTranslate()
  const isDone = part.state === 'completed' || part.state === 'done'
  const hasFailed = part.state === 'failed'
  const key = hasFailed ? 'chat.tool.failed' : isDone ? 'chat.tool.done' : 'chat.tool.running'
  // What took less than a millisecond took no time that is worth a word.
  const took = part.duration_ms ? duration(t, part.duration_ms) : ''
  return (
    <details className="group/tool my-3 rounded-card border border-border text-muted">
      <summary className="flex min-h-9 items-center gap-2 rounded-card px-3 touch:min-h-11">
        <ToolIcon name={part.name} />
        <span className="min-w-0 flex-1 truncate first-letter:uppercase">
          {t(key, { name: toolName(t, part.name) })}
        </span>
        {took ? <span className="nums shrink-0 text-sm">{took}</span> : null}
        {isDone || hasFailed ? null : <span className="stream-dot" />}
        <ChevronRight className="size-4 shrink-0 stroke-[1.75] transition-transform group-open/tool:rotate-90" />
      </summary>
      <dl className="border-border border-t px-3 py-2 text-sm">
        <dt className="font-medium">{t('chat.tool.input')}</dt>
        <dd className={textClass}>{readable(part.arguments)}</dd>
        {part.result === undefined || part.result === null ? null : (
          <>
            <dt className="mt-2 font-medium">{t(hasFailed ? 'chat.tool.error' : 'chat.tool.result')}</dt>
            <dd className={textClass}>{readable(part.result)}</dd>
          </>
        )}
      </dl>
    </details>
  )
}

const textClass = 'max-h-80 overflow-y-auto whitespace-pre-wrap font-mono [overflow-wrap:anywhere]'

/** Milliseconds below a second, seconds with a tenth above. */
function duration(t: Translate, ms: number): string {
  const told = (count: number) => ({ count: count.toLocaleString(currentLanguage()) })
  return ms < 1_000 ? t('chat.tool.milliseconds', told(ms)) : t('chat.tool.seconds', told(Math.round(ms / 100) / 10))
}

/** JSON with its lines apart; other text as it is. */
function readable(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    // A number would be written anew, and lose digits.
    return typeof value === 'object' ? JSON.stringify(value, null, 2) : text
  } catch {
    return text
  }
}
