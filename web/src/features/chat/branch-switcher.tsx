import { ChevronLeft, ChevronRight } from 'lucide-react'
import { IconButton } from '../../components/ui/icon-button'
import { useTranslate } from '../../lib/i18n'
import { notifyError } from '../../lib/toast'
import { changeConversation } from '../conversations/queries'
import { readMessages } from './queries'
import type { Message } from './types'

/** Goes between the versions of a message. The conversation remembers which one is in sight. */
export function BranchSwitcher({ message, disabled }: { message: Message; disabled: boolean }) {
  const t = useTranslate()
  const { sibling_ids: siblings, id } = message
  const at = siblings.indexOf(id)
  if (siblings.length < 2 || at < 0) return null

  async function show(sibling: number | undefined) {
    if (sibling === undefined) return
    try {
      await changeConversation(message.conversation_id, { active_message_id: sibling })
      await readMessages(message.conversation_id)
    } catch (error) {
      notifyError(error)
    }
  }

  return (
    <span className="flex shrink-0 items-center whitespace-nowrap text-muted">
      <IconButton
        className="touch:w-7!"
        label={t('chat.previousVersion')}
        disabled={disabled || at === 0}
        onClick={() => void show(siblings[at - 1])}
      >
        <ChevronLeft />
      </IconButton>
      <span className="nums text-sm">{`${at + 1}/${siblings.length}`}</span>
      <IconButton
        className="touch:w-7!"
        label={t('chat.nextVersion')}
        disabled={disabled || at === siblings.length - 1}
        onClick={() => void show(siblings[at + 1])}
      >
        <ChevronRight />
      </IconButton>
    </span>
  )
}
