import { usePiece } from '../../lib/piece'
import { type Asked, useAsked } from './ask-group'
import { onDemand } from './pieces'

/** What is asked about groups, over everything. */
export function GroupQuestions() {
  const asked = useAsked((state) => state.asked)
  return asked ? <Question asked={asked} /> : null
}

function Question({ asked }: { asked: Asked }) {
  const code = usePiece(onDemand)
  return code ? <code.GroupDialog asked={asked} /> : null
}
