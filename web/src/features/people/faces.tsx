import { useQuery } from '@tanstack/react-query'
import { Avatar } from '../../components/avatar'
import { Tooltip } from '../../components/ui/tooltip'
import { useTranslate } from '../../lib/i18n'
import { useMe } from '../accounts/queries'
import type { Conversation } from '../conversations/types'
import { askForPeople, preloadPeople } from './people'
import { usePresent } from './present'
import { members } from './queries'
import { nameOf } from './types'

/** The other people of a conversation: who has it open too comes first. Opens the list of all. */
export function Faces({ held, most }: { held: Conversation; most: number }) {
  const t = useTranslate()
  const me = useMe()
  const { data = [] } = useQuery(members(held.id))
  const present = usePresent((state) => state.present[held.id])
  const isHere = (id: number) => present?.some((one) => one.id === id) ?? false
  const others = data.filter(({ user_id: id }) => id !== me.id)
  const here = others.filter(({ user_id: id }) => isHere(id))
  const shown = [...here, ...others.filter((one) => !here.includes(one))].slice(0, most)
  const label = [
    t('people.title'),
    here.length > 0 ? t('people.here', { names: here.map(nameOf).join(', ') }) : t('people.noneHere'),
  ].join('. ')
  return (
    <Tooltip text={label}>
      <button
        type="button"
        aria-label={label}
        aria-haspopup="dialog"
        onFocus={preloadPeople}
        onPointerEnter={preloadPeople}
        onClick={() => askForPeople(held)}
        className="flex h-9 items-center rounded-full px-1 hover:bg-user touch:h-11"
      >
        {shown.map((one) => (
          <span key={one.user_id} className="relative -ms-1 rounded-full ring-2 ring-bg first:ms-0">
            <Avatar name={nameOf(one)} />
            {isHere(one.user_id) ? (
              <span className="absolute end-0 bottom-0 size-2 rounded-full bg-ok ring-2 ring-bg" />
            ) : null}
          </span>
        ))}
        {others.length > shown.length ? (
          <span className="nums ms-1 text-muted text-sm">{`+${others.length - shown.length}`}</span>
        ) : null}
      </button>
    </Tooltip>
  )
}
