import { usePiece } from '../../lib/piece'
import { forgetExhausted, useExhausted } from './exhausted'
import { usageCode } from './pieces'
import { isOver, type Month } from './stand'

/** The card about a month that is used up, while it is. */
export function QuotaNotice() {
  const month = useExhausted((state) => state.month)
  return month && !isOver(month) ? <Card month={month} /> : null
}

function Card({ month }: { month: Month }) {
  const code = usePiece(usageCode)
  return code ? <code.QuotaCard month={month} onDismiss={forgetExhausted} /> : null
}
