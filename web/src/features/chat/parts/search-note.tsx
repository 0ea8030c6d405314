import { Globe } from 'lucide-react'
import { useTranslate } from '../../../lib/i18n'

/** The name of the search of the web among tools; also the id of the one before an answer. */
export const webSearch = 'web_search'

/** That the web is searched for an answer, was searched, or could not be; of an answer that has ended, none is searched for. */
export function SearchNote({ state, growing }: { state: string; growing: boolean }) {
  const t = useTranslate()
  const isRunning = growing && state === 'running'
  const said = isRunning ? 'chat.search.running' : state === 'completed' ? 'chat.search.done' : 'chat.search.failed'
  return (
    <p className="my-3 flex min-h-6 items-center gap-2 text-muted">
      <Globe className="size-4 shrink-0 stroke-[1.75]" />
      {t(said)}
    </p>
  )
}
