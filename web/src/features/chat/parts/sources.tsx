import { useTranslate } from '../../../lib/i18n'
import type { Source } from '../types'

const hostOf = (address: string) => (URL.canParse(address) ? new URL(address).host : '')

/** What an answer was drawn from: number, page, host and the passage that matters. */
export function Sources({ sources }: { sources: Source[] }) {
  const t = useTranslate()
  const safe = sources.filter((source) => /^https?:/i.test(source.url ?? ''))
  if (safe.length === 0) return null
  return (
    <details className="mt-3 text-muted">
      <summary className="w-fit rounded-button py-1">{t('chat.sources', { count: safe.length })}</summary>
      <ol className="mt-1 flex list-decimal flex-col gap-1 ps-6">
        {safe.map((source) => (
          <li key={source.n} value={source.n}>
            <a
              href={source.url}
              target="_blank"
              rel="noopener noreferrer"
              className="text-accent-text underline decoration-1 underline-offset-3 [overflow-wrap:anywhere]"
            >
              {source.title || source.url}
            </a>{' '}
            <span className="text-sm">{hostOf(source.url)}</span>
            {source.snippet ? <p className="line-clamp-3 text-sm">{source.snippet}</p> : null}
          </li>
        ))}
      </ol>
    </details>
  )
}
