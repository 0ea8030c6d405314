import { Wrench } from 'lucide-react'
import { useTranslate } from '../../../lib/i18n'
import type { ToolCall } from '../types'

/** A tool that the model used: its name, and on demand what went in and came out. */
export function ToolCallCard({ part }: { part: ToolCall }) {
  const t = useTranslate()
  const isDone = part.state === 'completed' || part.state === 'done'
  const key = part.state === 'failed' ? 'chat.tool.failed' : isDone ? 'chat.tool.done' : 'chat.tool.running'
  return (
    <details className="my-3 rounded-card border border-border text-muted">
      <summary className="flex min-h-9 items-center gap-2 px-3 touch:min-h-11">
        <Wrench className="size-4 shrink-0 stroke-[1.75]" />
        <span className="min-w-0 flex-1 truncate">{t(key, { name: part.name })}</span>
        {isDone ? null : <span className="stream-dot" />}
      </summary>
      <dl className="border-border border-t px-3 py-2 text-sm">
        <dt className="font-medium">{t('chat.tool.input')}</dt>
        <dd className="overflow-x-auto whitespace-pre-wrap font-mono">{part.arguments}</dd>
        {part.result === undefined || part.result === null ? null : (
          <>
            <dt className="mt-2 font-medium">{t('chat.tool.result')}</dt>
            <dd className="overflow-x-auto whitespace-pre-wrap font-mono">{part.result}</dd>
          </>
        )}
      </dl>
    </details>
  )
}
