import { UserMinus } from 'lucide-react'
import { useLayoutEffect, useRef, useState } from 'react'
import { Avatar } from '../../components/avatar'
import { selectClass } from '../../components/choice'
import { Button } from '../../components/ui/button'
import { exactTime } from '../../lib/format'
import { useTranslate } from '../../lib/i18n'
import { notifyError } from '../../lib/toast'
import { giveRole } from './queries'
import { givenRoles } from './roles'
import { type GivenRole, type Member, nameOf } from './types'

type MemberRowProps = {
  member: Member
  conversation: number
  isSelf: boolean
  /** Whether who looks at it is the owner. */
  isOwner: boolean
  /** Whether it asks at once if this one should go. */
  asks: boolean
  onEnd: () => Promise<void>
}

/** One of the people: the owner changes what they may do, and everybody but the owner can go. */
export function MemberRow({ member, conversation, isSelf, isOwner, asks, onEnd }: MemberRowProps) {
  const t = useTranslate()
  const [asking, setAsking] = useState(asks)
  const [busy, setBusy] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const wasAsking = useRef(asking)
  const { role } = member
  const name = nameOf(member)
  const mayGo = role !== 'owner' && (isOwner || isSelf)

  useLayoutEffect(() => {
    if (wasAsking.current && !asking) button.current?.focus()
    wasAsking.current = asking
  }, [asking])

  async function end() {
    setBusy(true)
    try {
      await onEnd()
    } catch (error) {
      notifyError(error)
      setBusy(false)
    }
  }

  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 py-2.5">
      <Avatar name={name} />
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{isSelf ? t('people.you', { name }) : name}</p>
        <p className="truncate text-muted text-sm" title={exactTime(member.joined_at)}>
          {`@${member.username}`}
        </p>
      </div>
      {isOwner && role !== 'owner' ? (
        <select
          aria-label={t('people.roleOf', { name })}
          className={selectClass}
          value={role}
          onChange={(event) =>
            void giveRole(conversation, member.user_id, event.target.value as GivenRole).catch(notifyError)
          }
        >
          {givenRoles.map((one) => (
            <option key={one} value={one}>
              {t(`people.role.${one}`)}
            </option>
          ))}
        </select>
      ) : (
        <span className="rounded-chip bg-user px-2 py-0.5 text-fg-2 text-sm">{t(`people.role.${role}`)}</span>
      )}
      {mayGo && !asking ? (
        <Button
          ref={button}
          size={isSelf ? 'sm' : 'icon'}
          variant={isSelf ? 'danger' : 'ghost'}
          aria-label={isSelf ? undefined : t('people.removeOf', { name })}
          onClick={() => setAsking(true)}
        >
          {isSelf ? t('people.leave') : <UserMinus />}
        </Button>
      ) : null}
      {asking ? (
        <div className="flex w-full flex-wrap items-center justify-end gap-2">
          <p className="min-w-48 flex-1 text-fg-2 text-sm">
            {isSelf ? t('people.leaveText') : t('people.removeText', { name })}
          </p>
          <Button size="sm" autoFocus disabled={busy} onClick={() => setAsking(false)}>
            {t('app.cancel')}
          </Button>
          <Button size="sm" variant="danger" loading={busy} onClick={() => void end()}>
            {t(isSelf ? 'people.leave' : 'people.remove')}
          </Button>
        </div>
      ) : null}
    </li>
  )
}
