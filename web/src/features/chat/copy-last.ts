import { copyText } from '../../lib/clipboard'
import { type Key, translate } from '../../lib/i18n'
import { notify } from '../../lib/toast'
import { lastCode } from './last-code'
import { shown, useLive } from './live'
import { heldMessages } from './queries'
import { textOf } from './types'

/** What the answers of a conversation say, the newest first, as far as they are written. */
function answersOf(conversation: number): string[] {
  const { answers } = useLive.getState()
  const said = heldMessages(conversation).filter(({ role }) => role === 'assistant')
  return said.map((saved) => textOf(shown(saved, answers[saved.id]))).toReversed()
}

async function copy(text: string | undefined, done: Key, nothing: Key) {
  if (!text) return notify(translate(nothing))
  if (await copyText(text)) notify(translate(done))
  else notify(translate('chat.copyFailed'), { kind: 'error' })
}

export const copyLastAnswer = (conversation: number) =>
  copy(answersOf(conversation).find(Boolean), 'chat.copiedAnswer', 'chat.noAnswerYet')

export function copyLastCode(conversation: number) {
  const blocks = answersOf(conversation).map(lastCode)
  return copy(blocks.find(Boolean), 'chat.copiedCode', 'chat.noCode')
}
