import { useEffect, useState } from 'react'
import { register } from '../../../lib/commands'
import { piece, usePiece } from '../../../lib/piece'

const bar = piece(() => import('./find-bar'))

/** While somebody is in it already, or something lies over the conversation. */
const isOff = () =>
  document.activeElement?.closest('[data-find]') != null || document.querySelector('[role="dialog"]') !== null

type FindProps = { conversation: number; isLong: boolean }

/**
 * The search in a long conversation, in the place of the browser's: that one sees only what is drawn, and of many messages
 * most are not. Pressed once more, the same keys open the browser's.
 */
export function Find({ conversation, isLong }: FindProps) {
  /** How often it was asked for since it was closed. */
  const [asked, setAsked] = useState(0)
  useEffect(() => {
    const perform = () => setAsked((times) => times + 1)
    if (isLong) return register([{ id: 'find', perform, isOff }])
  }, [isLong])
  return asked > 0 ? <Bar conversation={conversation} asked={asked} onClose={() => setAsked(0)} /> : null
}

function Bar(props: { conversation: number; asked: number; onClose: () => void }) {
  const code = usePiece(bar)
  return code ? <code.FindBar {...props} /> : null
}
