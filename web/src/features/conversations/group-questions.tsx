import { piece, usePiece } from '../../lib/piece'
import { type Asked, useAsked } from './ask-group'

const dialogs = piece(() => import('./group-dialogs'))

/** What is asked about groups, over everything. */
export function GroupQuestions() {
  const asked = useAsked((state) => state.asked)
  return asked ? <Question asked={asked} /> : null
}

function Question({ asked }: { asked: Asked }) {
  const code = usePiece(dialogs)
  return code ? <code.GroupDialog asked={asked} /> : null
}
