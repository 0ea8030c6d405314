import { X } from 'lucide-react'
import { buttonVariants } from '../../components/ui/button'
import { Dialog, DialogClose, DialogContent, DialogTitle } from '../../components/ui/dialog'
import { exactTime } from '../../lib/format'
import { currentLanguage, type Key, type Translate, useTranslate } from '../../lib/i18n'
import { cn } from '../../lib/utils'
import { DeleteMessage } from './delete-dialog'
import type { AboutMessage } from './more-of-message'
import type { Message } from './types'

type AboutMessageProps = { message: Message; about: AboutMessage; onClose: () => void }

/** Dialogs about one message. */
export function AboutMessageDialog({ message, about, onClose }: AboutMessageProps) {
  if (about === 'delete') return <DeleteMessage message={message} onClose={onClose} />
  return (
    <Dialog open onOpenChange={(open) => open || onClose()}>
      <DialogContent className="flex flex-col gap-4" aria-describedby={undefined}>
        <Details message={message} />
      </DialogContent>
    </Dialog>
  )
}

function Details({ message }: { message: Message }) {
  const t = useTranslate()
  return (
    <>
      <DialogTitle className="pe-8">{t('chat.details')}</DialogTitle>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        {detailsOf(message, t).map(([key, value]) => (
          <div key={key} className="contents">
            <dt className="text-muted">{t(key)}</dt>
            <dd className="nums min-w-0 [overflow-wrap:anywhere]">{value}</dd>
          </div>
        ))}
      </dl>
      <DialogClose
        aria-label={t('app.close')}
        className={cn(
          buttonVariants({ variant: 'ghost', size: 'icon' }),
          'absolute end-4 top-5 touch:end-3 touch:top-4',
        )}
      >
        <X />
      </DialogClose>
    </>
  )
}

const states: Record<Message['state'], Key> = {
  waiting: 'chat.waiting',
  running: 'chat.status.answering',
  completed: 'details.state.completed',
  stopped: 'chat.stopped',
  interrupted: 'chat.interrupted',
  failed: 'details.state.failed',
}

const reasons: Record<string, Key> = {
  stop: 'details.finish.stop',
  length: 'details.finish.length',
  content_filter: 'details.finish.filter',
  tool_calls: 'details.finish.tools',
}

/** What is known about a message, each with its name. Of a question there is only when it was written. */
export function detailsOf(message: Message, t: Translate): [Key, string][] {
  const { role, model, usage, finish_reason, state } = message
  const written: [Key, string] = ['details.written', exactTime(message.created_at)]
  if (role !== 'assistant') return [written]
  const tokens = (count: number) => {
    const number = new Intl.NumberFormat(currentLanguage()).format(count)
    return usage?.estimated ? t('details.estimated', { count: number }) : number
  }
  const known: [Key, string][] = []
  if (model) known.push(['settings.model', model])
  known.push(written)
  if (usage) {
    known.push(['details.promptTokens', tokens(usage.prompt_tokens)])
    known.push(['details.answerTokens', tokens(usage.completion_tokens)])
    if (usage.reasoning_tokens > 0) known.push(['details.reasoningTokens', tokens(usage.reasoning_tokens)])
  }
  const reason = finish_reason ? reasons[finish_reason] : undefined
  if (finish_reason) known.push(['details.finish', reason ? t(reason) : finish_reason])
  known.push(['details.state', t(states[state])])
  return known
}
