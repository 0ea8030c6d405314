import { useEffect, useState } from 'react'
import { Button } from '../../components/ui/button'
import { useTranslate } from '../../lib/i18n'
import { SentFiles } from '../files/sent-files'
import { bubbleClass } from './bubble'
import { ErrorCard } from './error-card'
import type { Outgoing } from './live'
import { giveUp, retry } from './send'
import { Waiting } from './waiting'

type OutgoingMessageProps = { outgoing: Outgoing; onStarted: (conversation: number) => void }

/** A message that the server has not answered yet. */
export function OutgoingMessage({ outgoing, onStarted }: OutgoingMessageProps) {
  const t = useTranslate()
  const { operation, state, problem } = outgoing
  const { place, text, files = [] } = operation
  const slow = useLater(400)
  return (
    <>
      {text === null ? null : (
        <article aria-label={t('chat.you')}>
          <SentFiles files={files} />
          {text.trim() === '' ? null : <div className={bubbleClass}>{text}</div>}
          <p className="mt-1 flex h-8 items-center justify-end text-muted text-sm touch:h-10">
            {state === 'failed' ? t('chat.notSent') : slow ? t('chat.sending') : ''}
          </p>
        </article>
      )}
      {state === 'failed' ? (
        <ErrorCard
          title={t('chat.notSent')}
          text={problem?.message ?? t('chat.noAnswer')}
          code={problem?.code}
          requestId={problem?.requestId}
        >
          <Button size="sm" variant="outline" onClick={() => retry(place, onStarted)}>
            {t('app.retry')}
          </Button>
          <Button size="sm" variant="ghost" onClick={() => giveUp(place)}>
            {t('chat.discard')}
          </Button>
        </ErrorCard>
      ) : (
        <Waiting queued={false} />
      )}
    </>
  )
}

function useLater(ms: number): boolean {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), ms)
    return () => clearTimeout(timer)
  }, [ms])
  return late
}
