import { useLocation, useNavigate } from 'react-router'
import { type Translate, useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { queryClient } from '../../lib/query-client'
import { notify, notifyError } from '../../lib/toast'
import { groups, unfold } from './groups'
import { type Deed, organise } from './organise'
import type { Conversation } from './types'

/** Does something to conversations at once; what takes them out of sight can be taken back for ten seconds. */
export function useOrganise() {
  const t = useTranslate()
  const navigate = useNavigate()
  const { pathname } = useLocation()

  return (held: Conversation[], deed: Deed) => {
    const open = deed === 'delete' && held.find(({ id }) => pathname === paths.chat(id))
    const goBack = () => open && navigate(paths.chat(open.id))
    if (open) navigate(paths.newChat)
    if (typeof deed === 'object' && deed.move !== null) unfold(deed.move)
    organise(
      held.map(({ id }) => id),
      deed,
      held,
    ).then(
      (undo) => {
        const text = told(t, held, deed)
        if (!text) return
        const perform = () => void undo().then(goBack, notifyError)
        notify(text, { duration: 10_000, action: { label: t('conversation.undo'), perform } })
      },
      (error) => {
        notifyError(error)
        goBack()
      },
    )
  }
}

function told(t: Translate, held: Conversation[], deed: Deed): string | undefined {
  const [one] = held
  const count = held.length
  const title = one?.title || t('conversation.untitled')
  if (typeof deed === 'object') {
    const group = queryClient.getQueryData(groups.queryKey)?.find(({ id }) => id === deed.move)
    return deed.move === null ? t('conversation.ungrouped') : t('conversation.moved', { group: group?.name ?? '' })
  }
  if (deed === 'delete')
    return count === 1 ? t('conversation.deleted', { title }) : t('conversation.deletedMany', { count })
  if (deed === 'archive')
    return count === 1 ? t('conversation.archived', { title }) : t('conversation.archivedMany', { count })
  return deed === 'unarchive' ? t('conversation.unarchived', { title }) : undefined
}
