import { ThumbsDown, ThumbsUp } from 'lucide-react'
import { IconButton } from '../../components/ui/icon-button'
import { useTranslate } from '../../lib/i18n'
import { piece, usePiece } from '../../lib/piece'
import { rate } from './rate'
import type { Message } from './types'

const field = piece(() => import('./comment-field'))

/** Whether an answer was good. Pressed again, it is taken back. */
export function Feedback({ message, onDown }: { message: Message; onDown: (down: boolean) => void }) {
  const t = useTranslate()
  const given = message.feedback?.rating

  function press(rating: 'up' | 'down') {
    const word = given === rating ? null : { rating, comment: null }
    onDown(word?.rating === 'down')
    void rate(message, word)
  }

  return (
    <>
      <IconButton label={t('feedback.up')} aria-pressed={given === 'up'} onClick={() => press('up')}>
        <ThumbsUp className={given === 'up' ? filled : undefined} />
      </IconButton>
      <IconButton label={t('feedback.down')} aria-pressed={given === 'down'} onClick={() => press('down')}>
        <ThumbsDown className={given === 'down' ? filled : undefined} />
      </IconButton>
    </>
  )
}

const filled = 'fill-current text-fg'

/** What was wrong with an answer, in the person's words. */
export function CommentField(props: { message: Message; onClose: () => void }) {
  const code = usePiece(field)
  return code ? <code.CommentField {...props} /> : null
}
