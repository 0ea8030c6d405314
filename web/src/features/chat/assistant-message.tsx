import { RefreshCw, StepForward } from 'lucide-react'
import { memo, type ReactNode, useRef, useState } from 'react'
import { CopyButton } from '../../components/copy-button'
import { AnswerText } from '../../components/markdown/answer-text'
import { Button } from '../../components/ui/button'
import { IconButton } from '../../components/ui/icon-button'
import { explained, useTranslate } from '../../lib/i18n'
import { usePreferences } from '../../lib/preferences'
import { wantsLittleMotion } from '../../lib/use-media'
import { cn } from '../../lib/utils'
import { BranchSwitcher } from './branch-switcher'
import { ErrorCard } from './error-card'
import { CommentField, Feedback } from './feedback'
import { useKeptFocus, waitWithFocus } from './kept-focus'
import { useShown } from './live'
import { MoreOfMessage } from './more-of-message'
import { Otherwise } from './otherwise'
import { messageAnchor } from './parkable'
import { Reasoning } from './parts/reasoning'
import { SearchNote, webSearch } from './parts/search-note'
import { Cited } from './parts/sources'
import { ToolCallCard } from './parts/tool-call'
import { goOn, regenerate } from './send'
import { inSentences } from './sentences'
import { useStanding } from './standing'
import { isOpen, type Message, type Part, textOf } from './types'
import { Waiting } from './waiting'

type View<T extends Part['type']> = (props: { part: Extract<Part, { type: T }>; growing: boolean }) => ReactNode

/** One way to show each kind of part. To show a new kind, add it here. */
const views: { [T in Part['type']]: View<T> } = {
  text: ({ part, growing }) => <AnswerText text={part.text} running={growing} />,
  reasoning: ({ part, growing }) => <Reasoning text={part.text} duration_ms={part.duration_ms} thinking={growing} />,
  tool_call: ({ part, growing }) =>
    part.id === webSearch ? <SearchNote state={part.state} growing={growing} /> : <ToolCallCard part={part} />,
  source: () => null,
  file: () => null,
}

function PartView({ part, growing }: { part: Part; growing: boolean }) {
  const Shown = views[part.type] as View<Part['type']>
  return <Shown part={part} growing={growing} />
}

function answerAnew(message: Message) {
  waitWithFocus(message)
  regenerate(message)
}

function takeUp(message: Message) {
  waitWithFocus(message)
  goOn(message)
}

type AssistantMessageProps = { message: Message; last: boolean; busy: boolean }

/** An answer: a page of text without a box, and what can be done with it. */
export const AssistantMessage = memo(function AssistantMessage({ message: saved, last, busy }: AssistantMessageProps) {
  const t = useTranslate()
  const message = useShown(saved)
  const running = isOpen(message)
  // What was cut off has half-written marks at its end, like what is still being written.
  const growing = running || (message.state !== 'completed' && message.parts.at(-1)?.type === 'text')
  const isWaitedFor = usePreferences((state) => state.wholeAnswers) && running
  const written = message.parts.length > 0 || !message.content ? message.parts : asParts(message.content)
  const parts = isWaitedFor ? none : running && wantsLittleMotion() ? inSentences(written) : written
  return (
    <article
      id={messageAnchor(message.id)}
      aria-label={t('chat.assistant')}
      aria-busy={running}
      className="group/message"
    >
      <Cited sources={message.sources}>
        {parts.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts only ever grow at the end
          <PartView key={index} part={part} growing={growing && index === parts.length - 1} />
        ))}
      </Cited>
      {running ? <Progress message={message} parts={parts} /> : <Ending message={message} last={last} busy={busy} />}
    </article>
  )
})

const none: Part[] = []

const asParts = (text: string): Part[] => [{ type: 'text', text }]

function Progress({ message, parts }: { message: Message; parts: Part[] }) {
  if (parts.length === 0) return <Waiting queued={message.state === 'waiting'} />
  const last = parts.at(-1)
  // A tool that runs says so itself.
  const toolRuns = last?.type === 'tool_call' && last.state !== 'completed' && last.state !== 'failed'
  return <p className="flex h-8 items-center">{toolRuns ? null : <span className="stream-dot" />}</p>
}

function Ending({ message, last, busy }: AssistantMessageProps) {
  const t = useTranslate()
  const { writes } = useStanding()
  const [commenting, setCommenting] = useState(false)
  const row = useRef<HTMLDivElement>(null)
  useKeptFocus(message, row, !busy)
  const text = textOf(message)
  const unfinished = message.state === 'stopped' || message.state === 'interrupted'
  const canContinue = writes && text !== '' && (unfinished || message.finish_reason === 'length')
  return (
    <>
      {message.state === 'failed' ? <Failure message={message} kept={text !== ''} busy={busy} /> : null}
      {message.state === 'interrupted' ? <p className="mt-3 text-muted text-sm">{t('chat.interrupted.text')}</p> : null}
      {message.state === 'stopped' ? <p className="mt-3 text-muted text-sm">{t('chat.stopped')}</p> : null}
      <div
        ref={row}
        className={cn(
          '-ms-2 mt-2 flex min-h-8 flex-wrap items-center gap-0.5 text-muted transition-opacity max-md:gap-0 touch:min-h-10',
          !last &&
            'opacity-0 focus-within:opacity-100 group-hover/message:opacity-100 has-[[data-state=open]]:opacity-100 touch:opacity-100',
        )}
      >
        {text ? <CopyButton label={t('chat.copy')} text={() => text} /> : null}
        {writes ? (
          <>
            <IconButton
              data-control="regenerate"
              label={t('chat.regenerate')}
              disabled={busy}
              onClick={() => answerAnew(message)}
            >
              <RefreshCw />
            </IconButton>
            <Otherwise message={message} busy={busy} />
          </>
        ) : null}
        {text ? <Feedback message={message} onDown={setCommenting} /> : null}
        <MoreOfMessage message={message} busy={busy} />
        <BranchSwitcher message={message} disabled={busy} />
        {canContinue ? (
          <Button size="sm" variant="ghost" disabled={busy} onClick={() => takeUp(message)}>
            <StepForward />
            {t('chat.continue')}
          </Button>
        ) : null}
      </div>
      {commenting && message.feedback?.rating === 'down' ? (
        <CommentField message={message} onClose={() => setCommenting(false)} />
      ) : null}
    </>
  )
}

function Failure({ message, kept, busy }: { message: Message; kept: boolean; busy: boolean }) {
  const t = useTranslate()
  const { writes } = useStanding()
  const { error } = message
  const reason = (error && explained({ code: error.code, detail: error.message }).detail) || t('chat.failed.unknown')
  const isReworded = error && error.message !== '' && error.message !== reason
  return (
    <ErrorCard
      title={t('chat.failed.title')}
      text={kept ? `${reason} ${t('chat.failed.kept')}` : reason}
      code={isReworded ? `${error.code}: ${error.message}` : error?.code}
    >
      {writes ? <Retrying message={message} kept={kept} busy={busy} /> : null}
    </ErrorCard>
  )
}

/** What to do about an answer that failed. */
function Retrying({ message, kept, busy }: { message: Message; kept: boolean; busy: boolean }) {
  const t = useTranslate()
  return (
    <>
      <Button size="sm" variant="outline" disabled={busy} onClick={() => answerAnew(message)}>
        {t('app.retry')}
      </Button>
      <Otherwise message={message} busy={busy} failed />
      {kept ? (
        <Button size="sm" variant="ghost" disabled={busy} onClick={() => takeUp(message)}>
          {t('chat.continue')}
        </Button>
      ) : null}
    </>
  )
}
