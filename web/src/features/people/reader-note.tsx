import { useQuery } from '@tanstack/react-query'
import { Eye } from 'lucide-react'
import { useTranslate } from '../../lib/i18n'
import { mayNote } from '../conversations/role'
import type { Conversation } from '../conversations/types'
import { members } from './queries'
import { nameOf } from './types'

/** Stands where others write: why one cannot, and whom to ask. */
export function ReaderNote({ held }: { held: Conversation }) {
  const t = useTranslate()
  const { data } = useQuery(members(held.id))
  const owner = data?.find(({ role }) => role === 'owner')
  return (
    <p className="mx-auto flex w-full max-w-[768px] items-center justify-center gap-2.5 px-5 pt-2 pb-[max(20px,env(safe-area-inset-bottom))] text-center text-muted">
      <Eye className="size-4 shrink-0 stroke-[1.75] max-md:hidden" />
      <span>
        {t(mayNote(held.role) ? 'people.notes' : 'people.reads')}{' '}
        {owner ? t('people.askOwner', { name: nameOf(owner) }) : t('people.askSomebody')}
      </span>
    </p>
  )
}
