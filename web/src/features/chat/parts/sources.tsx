import { useTranslate } from '../../../lib/i18n'
import type { Source } from '../types'

/** What an answer was drawn from. */
export function Sources({ sources }: { sources: Source[] }) {
  const t = useTranslate()
  const safe = sources.filter((source) => /^https?:/i.test(source.url ?? ''))
  if (safe.length === 0) return null
  return (
    <details className="mt-3 text-muted">
      <summary className="w-fit rounded-button py-1">{t('chat.sources', { count: safe.length })}</summary>
      <ol className="mt-1 flex list-decimal flex-col gap-1 ps-6">
        {safe.map((source) => (
          <li key={source.n}>
            <a href={source.url} target="_blank" rel="noopener noreferrer" className="text-accent-text hover:underline">
              {source.title || source.url}
            </a>
          </li>
        ))}
      </ol>
    </details>
  )
}
