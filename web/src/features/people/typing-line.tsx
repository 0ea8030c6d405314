import { useTranslate } from '../../lib/i18n'
import { useMe } from '../accounts/queries'
import { usePresent } from './present'
import { nameOf } from './types'

/** Who else is typing, over the end of the messages, so that nothing moves. */
export function TypingLine({ conversation }: { conversation: number }) {
  const t = useTranslate()
  const me = useMe()
  const present = usePresent((state) => state.present[conversation])
  const names = present?.filter((one) => one.typing && one.id !== me.id).map(nameOf) ?? []
  const [name = ''] = names
  const words = names.length === 1 ? t('people.typing', { name }) : t('people.typingMany', { count: names.length })
  return (
    <p
      aria-live="polite"
      className="pointer-events-none absolute inset-x-0 bottom-0.5 mx-auto flex max-w-[768px] px-4 text-muted text-sm"
    >
      {names.length === 0 ? null : (
        <span className="fade-in max-w-full animate-in truncate rounded-full bg-bg px-2 py-0.5">{words}</span>
      )}
    </p>
  )
}
