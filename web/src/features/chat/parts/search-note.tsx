import { Globe } from 'lucide-react'
import { useTranslate } from '../../../lib/i18n'

/** The name of the search of the web among tools; also the id of the one before an answer. */
export const webSearch = 'web_search'

const words = { completed: 'chat.search.done', failed: 'chat.search.failed' } as const

/** That the web is searched for an answer, was searched, or could not be. */
export function SearchNote({ state }: { state: string }) {
  const t = useTranslate()
  const ended = state === 'completed' || state === 'failed' ? words[state] : undefined
  return (
    <p className="my-3 flex min-h-6 items-center gap-2 text-muted">
      <Globe className="size-4 shrink-0 stroke-[1.75]" />
      {t(ended ?? 'chat.search.running')}
    </p>
  )
}
