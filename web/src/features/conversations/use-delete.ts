import { useLocation, useNavigate } from 'react-router'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { notify, notifyError } from '../../lib/toast'
import { deleteConversation, restoreConversation } from './queries'
import type { Conversation } from './types'

/** Deletes at once and offers ten seconds to take it back; the trash in the settings offers the same for 30 days. */
export function useDelete() {
  const t = useTranslate()
  const navigate = useNavigate()
  const { pathname } = useLocation()

  return ({ id, title }: Conversation) => {
    const wasOpen = pathname === paths.chat(id)
    if (wasOpen) navigate(paths.newChat)
    deleteConversation(id).then(
      () =>
        notify(t('conversation.deleted', { title }), {
          duration: 10_000,
          action: {
            label: t('conversation.undo'),
            perform: () =>
              void restoreConversation(id).then(() => {
                if (wasOpen) navigate(paths.chat(id))
              }, notifyError),
          },
        }),
      notifyError,
    )
  }
}
