import { useTranslate } from '../../lib/i18n'
import { displayName, useMe } from '../accounts/queries'

const starters = ['chat.starter.1', 'chat.starter.2', 'chat.starter.3', 'chat.starter.4'] as const

/** The first line of a new chat, by the time of day. */
export function Greeting() {
  const t = useTranslate()
  const user = useMe()
  const hour = new Date().getHours()
  const part = hour < 5 || hour >= 18 ? 'evening' : hour < 12 ? 'morning' : 'afternoon'
  const name = displayName(user).split(' ')[0] ?? ''
  return (
    <h1 className="mx-auto w-full max-w-[768px] px-4 pb-6 text-center font-semibold text-2xl">
      {t(`chat.greeting.${part}`, { name })}
    </h1>
  )
}

/** Ways to begin, as quiet rows under the field. */
export function Starters({ onPick }: { onPick: (text: string) => void }) {
  const t = useTranslate()
  return (
    <ul className="mx-auto w-full max-w-[768px] px-4 max-md:hidden [@media(max-height:560px)]:hidden">
      {starters.map((key) => (
        <li key={key}>
          <button
            type="button"
            onClick={() => onPick(t(key))}
            className="w-full rounded-button px-4 py-2 text-start text-muted hover:bg-user hover:text-fg"
          >
            {t(key)}
          </button>
        </li>
      ))}
    </ul>
  )
}
