import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { Button, buttonVariants } from '../../components/ui/button'
import { Dialog, DialogClose, DialogContent, DialogDescription, DialogTitle } from '../../components/ui/dialog'
import { go } from '../../lib/go'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { Problem } from '../../lib/problem'
import { notify } from '../../lib/toast'
import { cn } from '../../lib/utils'
import { useMe } from '../accounts/queries'
import type { Conversation } from '../conversations/types'
import { leaving as beingLeft } from './heard'
import { InviteSection } from './invite-section'
import { MemberRow } from './member-row'
import { members, putOut } from './queries'
import { type Member, nameOf } from './types'

type PeopleDialogProps = { held: Conversation; leaving: boolean; onClose: () => void }

/** Who sees a conversation and as what. The owner lets people in and puts them out; others may leave. */
export function PeopleDialog({ held, leaving, onClose }: PeopleDialogProps) {
  const t = useTranslate()
  const me = useMe()
  const { data, error, refetch } = useQuery(members(held.id))
  const title = useRef<HTMLHeadingElement>(null)
  const isOwner = held.role === 'owner'
  const name = held.title || t('conversation.untitled')
  const isGone = error instanceof Problem && error.status === 404

  useEffect(() => {
    if (isGone) onClose()
  }, [isGone, onClose])

  async function end(member: Member) {
    const isSelf = member.user_id === me.id
    if (isSelf) beingLeft.add(held.id)
    try {
      await putOut(held.id, member.user_id)
    } catch (error) {
      if (isSelf) beingLeft.delete(held.id)
      // It may have been refused because things are not as they are shown here.
      void refetch()
      throw error
    }
    if (isSelf) {
      if (location.pathname === paths.chat(held.id)) go(paths.newChat)
      notify(t('people.left', { title: name }))
      onClose()
    } else {
      notify(t('people.removed', { name: nameOf(member) }))
      title.current?.focus()
    }
  }

  return (
    <Dialog open onOpenChange={(open) => open || onClose()}>
      <DialogContent className="max-h-[90dvh] overflow-y-auto md:max-w-[520px]!">
        <div className="flex flex-col gap-4">
          <DialogTitle ref={title} tabIndex={-1} className="pe-8 outline-none">
            {t('people.title')}
          </DialogTitle>
          <DialogDescription className="-mt-3 truncate">{name}</DialogDescription>
          <ul className="-my-2.5 flex min-h-13 flex-col divide-y divide-border" aria-busy={!data && !error}>
            {data?.map((member) => (
              <MemberRow
                key={member.user_id}
                member={member}
                conversation={held.id}
                isSelf={member.user_id === me.id}
                isOwner={isOwner}
                asks={leaving && member.user_id === me.id}
                onEnd={() => end(member)}
              />
            ))}
            {error ? (
              <li className="flex items-center justify-between gap-3 py-2.5 text-danger">
                {t('app.unreachable')}
                <Button onClick={() => void refetch()}>{t('app.retry')}</Button>
              </li>
            ) : null}
          </ul>
          {isOwner ? <InviteSection conversation={held.id} /> : null}
        </div>
        {/* The last, so that the first thing to do has the focus. */}
        <DialogClose
          aria-label={t('app.close')}
          className={cn(
            buttonVariants({ variant: 'ghost', size: 'icon' }),
            'absolute end-4 top-5 touch:end-3 touch:top-4',
          )}
        >
          <X />
        </DialogClose>
      </DialogContent>
    </Dialog>
  )
}
