import { type ComponentProps, use } from 'react'
import { useTranslate } from '../../lib/i18n'
import { CitedContext } from './cited'

/** The number of a source. One that the answer does not have stays as it was written. */
export function Citation({ value }: Pick<ComponentProps<'button'>, 'value'>) {
  const t = useTranslate()
  const cited = use(CitedContext)
  const n = Number(value)
  const title = cited?.titles.get(n)
  if (!cited || title === undefined) return `[${n}]`
  return (
    <sup>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-label={t('chat.source.cited', { n: String(n), title })}
        title={title}
        className="mx-px min-w-5 cursor-pointer rounded-button bg-user px-1 text-accent-text leading-4 hover:underline"
        onClick={() => cited.open(n)}
      >
        {n}
      </button>
    </sup>
  )
}
