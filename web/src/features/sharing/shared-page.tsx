import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { Delayed } from '../../components/delayed'
import { EmptyState } from '../../components/empty-state'
import { AnswerText } from '../../components/markdown/answer-text'
import { Button, buttonVariants } from '../../components/ui/button'
import { TooltipProvider } from '../../components/ui/tooltip'
import { exactTime } from '../../lib/format'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { Problem } from '../../lib/problem'
import { randomKey } from '../../lib/random-key'
import { instance } from '../accounts/queries'
import { bubbleClass } from '../chat/bubble'
import { Reasoning } from '../chat/parts/reasoning'
import { SearchNote, webSearch } from '../chat/parts/search-note'
import { Cited } from '../chat/parts/sources'
import { ToolIcon, toolName } from '../chat/parts/tool-names'
import { SentFiles } from '../files/sent-files'
import { type SharedConversation, type SharedMessage, type SharedPart, shared, takeOver } from './queries'

/** What a link shows, to anybody: a conversation to read, and nothing of the app around it. */
export function SharedPage() {
  const t = useTranslate()
  const { token = '' } = useParams()
  const { data, error, refetch } = useQuery(shared(token))
  const name = useQuery(instance).data?.name ?? ''
  const gone = error instanceof Problem && error.status === 404
  const title = gone ? t('share.gone.title') : data?.title || t('conversation.untitled')

  useEffect(() => {
    document.title = title
  }, [title])

  return (
    <TooltipProvider>
      <div className="scroll-area flex h-dvh flex-col [scrollbar-gutter:stable_both-edges]">
        <header className="mx-auto flex min-h-13 w-full max-w-[768px] shrink-0 items-center justify-between gap-3 px-4">
          <span className="flex min-w-0 items-center gap-2 font-semibold">
            <img src="/favicon.svg" alt="" className="size-6" />
            <span className="truncate">{name}</span>
          </span>
          <Link to={paths.newChat} className={buttonVariants({ variant: 'ghost', size: 'sm' })}>
            {t('share.page.own')}
          </Link>
        </header>
        <main className="mx-auto flex w-full max-w-[768px] flex-1 flex-col px-4 pt-4 pb-8">
          {gone ? (
            <EmptyState title={t('share.gone.title')} text={t('share.gone.text')} />
          ) : data ? (
            <Shown held={data} />
          ) : error ? (
            <div className="m-auto flex flex-col items-center gap-3 text-center text-muted">
              {t('app.unreachable')}
              <Button onClick={() => void refetch()}>{t('app.retry')}</Button>
            </div>
          ) : (
            <Loading />
          )}
        </main>
      </div>
    </TooltipProvider>
  )
}

function Shown({ held }: { held: SharedConversation }) {
  const t = useTranslate()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [])
  return (
    <>
      <h1 ref={heading} tabIndex={-1} className="font-semibold text-xl outline-none [overflow-wrap:anywhere]">
        {held.title || t('conversation.untitled')}
      </h1>
      <p className="mb-6 text-muted text-sm">
        {t('share.page.asOf')} <time dateTime={held.shared_at}>{exactTime(held.shared_at)}</time>
      </p>
      <div className="flex flex-col gap-6">
        {held.messages.map((message, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what a link shows is replaced as a whole
          <SharedArticle key={index} message={message} />
        ))}
      </div>
      <footer className="mt-10 flex flex-wrap items-center justify-between gap-x-6 gap-y-3 border-border border-t pt-4">
        <p className="text-muted text-sm">{t('share.page.readOnly')}</p>
        <Continue />
      </footer>
    </>
  )
}

/** Goes on in a conversation of one's own; who is not signed in does that first, and comes back. */
function Continue() {
  const t = useTranslate()
  const navigate = useNavigate()
  const { token = '' } = useParams()
  // Pressed again after an answer that was lost, it makes no second copy.
  const [key] = useState(randomKey)
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState('')

  async function press() {
    setBusy(true)
    setFailure('')
    try {
      await navigate(paths.chat(await takeOver(token, key)))
    } catch (error) {
      setBusy(false)
      if (error instanceof Problem && error.status === 401)
        return navigate(paths.login, { state: { from: paths.shared(token) } })
      setFailure(error instanceof Problem ? error.message : t('app.unreachable'))
    }
  }

  return (
    <>
      <Button loading={busy} onClick={() => void press()}>
        {t('share.page.continue')}
      </Button>
      {failure ? (
        <p role="alert" className="w-full text-danger text-sm">
          {failure}
        </p>
      ) : null}
    </>
  )
}

function SharedArticle({ message }: { message: SharedMessage }) {
  const t = useTranslate()
  const { token = '' } = useParams()
  if (message.role === 'user')
    return (
      <article aria-label={t('share.page.question')}>
        <SentFiles files={message.parts.filter((part) => part.type === 'file')} token={token} />
        {message.content === '' ? null : <div className={bubbleClass}>{message.content}</div>}
      </article>
    )
  const sources = message.parts.filter((part) => part.type === 'source')
  return (
    <article aria-label={t('chat.assistant')}>
      <Cited sources={sources}>
        {message.parts.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what a link shows is replaced as a whole
          <PartView key={index} part={part} />
        ))}
      </Cited>
    </article>
  )
}

function PartView({ part }: { part: SharedPart }) {
  switch (part.type) {
    case 'text':
      return <AnswerText text={part.text} running={false} />
    case 'reasoning':
      return <Reasoning text={part.text} duration_ms={part.duration_ms} thinking={false} />
    case 'tool_call':
      if (part.name === webSearch) return <SearchNote state={part.state} growing={false} />
      return <UsedTool name={part.name} failed={part.state === 'failed'} />
    case 'source':
    case 'file':
      return null
  }
}

/** That a tool was used; with what, and what came of it, a link does not show. */
function UsedTool({ name, failed }: { name: string; failed: boolean }) {
  const t = useTranslate()
  return (
    <p className="my-3 flex min-h-9 items-center gap-2 rounded-card border border-border px-3 text-muted">
      <ToolIcon name={name} />
      <span className="min-w-0 truncate first-letter:uppercase">
        {t(failed ? 'chat.tool.failed' : 'chat.tool.done', { name: toolName(t, name) })}
      </span>
    </p>
  )
}

function Loading() {
  return (
    <div aria-busy="true">
      <Delayed>
        <div aria-hidden="true" className="flex flex-col gap-4">
          <div className="skeleton h-7 w-3/5" />
          <div className="skeleton ms-auto h-11 w-2/5 rounded-[20px]" />
          {[92, 100, 96, 58].map((width) => (
            <div key={width} className="skeleton h-4" style={{ width: `${width}%` }} />
          ))}
        </div>
      </Delayed>
    </div>
  )
}
