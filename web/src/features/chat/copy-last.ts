import { copyText } from '../../lib/clipboard'
import { translate } from '../../lib/i18n'
import { notify } from '../../lib/toast'
import { lastCode } from './last-code'
import { shown, useLive } from './live'
import { heldMessages } from './queries'
import { textOf } from './types'

/** What the answers of the open conversation say, the newest first, as far as they are written. */
function answersOf(): string[] {
  const { answers, current } = useLive.getState()
  if (current === null || current === 'new') return []
  const said = heldMessages(current).filter(({ role }) => role === 'assistant')
  return said.map((saved) => textOf(shown(saved, answers[saved.id]))).toReversed()
}

async function copy(text: string | undefined) {
  if (!text) notify(translate('chat.copyNothing'))
  else if (await copyText(text)) notify(translate('chat.copied'))
  else notify(translate('chat.copyFailed'), { kind: 'error' })
}

export const copyLastAnswer = () => copy(answersOf().find(Boolean))

export const copyLastCode = () => copy(answersOf().map(lastCode).find(Boolean))
