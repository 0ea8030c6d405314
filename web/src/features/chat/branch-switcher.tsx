import { ChevronLeft, ChevronRight } from 'lucide-react'
import { IconButton } from '../../components/ui/icon-button'
import { useTranslate } from '../../lib/i18n'
import { keepFocus } from './kept-focus'
import { showBranch } from './queries'
import { useStanding } from './standing'
import type { Message } from './types'

/** Goes between the versions of a message. The conversation remembers which one is in sight, for everybody who sees it. */
export function BranchSwitcher({ message, disabled }: { message: Message; disabled: boolean }) {
  const t = useTranslate()
  const { writes } = useStanding()
  const { sibling_ids: siblings, id } = message
  const at = siblings.indexOf(id)
  if (!writes || siblings.length < 2 || at < 0) return null

  function show(sibling: number | undefined, control: 'previous' | 'next') {
    if (sibling === undefined) return
    keepFocus(message, control)
    void showBranch(message.conversation_id, sibling)
  }

  return (
    <span className="flex shrink-0 items-center whitespace-nowrap text-muted">
      <IconButton
        className="touch:w-7!"
        data-control="previous"
        label={t('chat.previousVersion')}
        disabled={disabled || at === 0}
        onClick={() => show(siblings[at - 1], 'previous')}
      >
        <ChevronLeft />
      </IconButton>
      <span className="nums text-sm">{`${at + 1}/${siblings.length}`}</span>
      <IconButton
        className="touch:w-7!"
        data-control="next"
        label={t('chat.nextVersion')}
        disabled={disabled || at === siblings.length - 1}
        onClick={() => show(siblings[at + 1], 'next')}
      >
        <ChevronRight />
      </IconButton>
    </span>
  )
}
