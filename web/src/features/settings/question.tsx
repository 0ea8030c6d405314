import { piece, usePiece } from '../../lib/piece'

export type QuestionProps = {
  title: string
  text: string
  /** What the button says that does it. */
  action: string
  /** What the button says that does nothing, where "Cancel" could be meant for what is asked. */
  other?: string
  /** What has to be typed before that. */
  word?: string
  onYes: () => Promise<void>
  onClose: () => void
  /** What has the focus once it is done, if not what had it before. */
  after?: () => HTMLElement | null | undefined
}

const dialog = piece(() => import('./question-dialog'))

export const preloadQuestion = dialog.preload

/** A question over the page, before something that is hard to take back. */
export function Question(props: QuestionProps) {
  const code = usePiece(dialog)
  return code ? <code.QuestionDialog {...props} /> : null
}
