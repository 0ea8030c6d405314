import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { Delayed } from '../../components/delayed'
import { EmptyState } from '../../components/empty-state'
import { preloadMarkdown } from '../../components/markdown/answer-text'
import { Button, buttonVariants } from '../../components/ui/button'
import { perform, register } from '../../lib/commands'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { usePreferences } from '../../lib/preferences'
import { Problem } from '../../lib/problem'
import { isTouch } from '../../lib/use-media'
import { whenIdle } from '../../lib/when-idle'
import { useChosen } from '../accounts/queries'
import { ConversationMenu } from '../conversations/conversation-menu'
import { ConversationTitle } from '../conversations/conversation-title'
import { ModelPicker } from '../models/model-picker'
import { models, startingModel } from '../models/queries'
import { Company, Faces, ReaderNote } from '../people/together'
import { QuotaNotice } from '../usage/quota-notice'
import { ChatHeader } from './chat-header'
import { Composer } from './composer'
import { ConnectionBar } from './connection-bar'
import { changeDraft, type Place } from './drafts'
import { Greeting, Starters } from './greeting'
import { useLive } from './live'
import { MessageList } from './message-list'
import { chooseModel, useChoices } from './model-choice'
import { preloadMessageMenus } from './more-of-message'
import { OptionsButton } from './options-button'
import { send, stop } from './send'
import { StandingProvider, standingOf } from './standing'
import { textOf } from './types'
import { useConversation } from './use-conversation'
import { WebToggle } from './web-toggle'

/** A conversation, or the beginning of one. The same component for both, so that sending the first message moves nothing. */
export function ChatPage() {
  const { id } = useParams()
  const place: Place = id === undefined ? 'new' : Number(id)
  if (Number.isNaN(place)) return <Gone />
  return <Chat place={place} />
}

function Chat({ place }: { place: Place }) {
  const t = useTranslate()
  const navigate = useNavigate()
  const field = useRef<HTMLTextAreaElement>(null)
  const { held, read, messages, outgoing, busy } = useConversation(place)
  const { role, member_count: count } = held.data ?? {}
  const standing = useMemo(() => standingOf(role, count), [role, count])
  const { data: list } = useQuery(models)
  const last = usePreferences((state) => state.model)
  const fixed = useChosen().default_model
  // For a new conversation: what was picked for it, else what the settings say, else what was picked last.
  const [picked, setPicked] = useState<string | null>(null)
  const chosen = picked ?? fixed ?? last
  const lost = useLive((state) => (place === 'new' ? false : state.lost.has(place)) || outgoing?.state === 'lost')
  // What is typed, and the model, belong to the conversation from the moment that there is one, before its address is shown.
  const writtenTo = outgoing?.begunAs ?? place
  const awaited = useChoices((state) => (writtenTo === 'new' ? undefined : state[writtenTo]))
  const kept = place === 'new' ? startingModel(list, chosen) : (held.data?.model ?? startingModel(list, null))
  const model = awaited ?? kept
  const empty = place === 'new' && !outgoing
  const isAwaited = place !== 'new' && read.isPending && !outgoing
  // What was waited for is drawn in slices, in the place of which the waiting still stands; what is held shows at once.
  const wasAwaited = useDeferredValue(isAwaited) && !outgoing

  useEffect(() => {
    document.title = held.data?.title || t('conversation.untitled')
  }, [held.data?.title, t])

  // biome-ignore lint/correctness/useExhaustiveDependencies: going to another conversation puts the caret into its field
  useEffect(() => {
    const node = field.current
    if (!node || isTouch()) return
    node.focus({ preventScroll: true })
    // Behind a draft, where one goes on.
    node.setSelectionRange(node.value.length, node.value.length)
  }, [place])

  // biome-ignore lint/correctness/useExhaustiveDependencies: what was picked was for the conversation before
  useEffect(() => setPicked(null), [place])

  useEffect(() => whenIdle(preloadMarkdown), [])
  useEffect(() => whenIdle(preloadMessageMenus, 1_500), [])
  useShortcuts(place, busy && standing.writes, field)

  const gone = [held.error, read.error].some((error) => error instanceof Problem && error.status === 404)
  if (gone) return <Gone />

  function onStarted(conversation: number) {
    if (location.pathname === paths.newChat) navigate(paths.chat(conversation), { replace: true })
  }

  function pickModel(id: string) {
    if (writtenTo !== 'new') return void chooseModel(writtenTo, id)
    usePreferences.setState({ model: id })
    setPicked(id)
  }

  return (
    <>
      <ChatHeader
        title={place !== 'new' && held.data ? <ConversationTitle key={place} held={held.data} /> : null}
        picker={
          standing.writes ? (
            <>
              <ModelPicker value={model} onChange={pickModel} />
              <OptionsButton place={writtenTo} held={held.data} />
            </>
          ) : null
        }
        menu={
          place !== 'new' && held.data ? (
            <>
              {standing.isShared ? <Faces held={held.data} /> : null}
              <ConversationMenu held={held.data} />
            </>
          ) : null
        }
      />
      <ConnectionBar lost={lost} />
      {empty ? (
        <div className="flex min-h-0 flex-1 flex-col justify-end max-md:justify-center">
          <Greeting />
        </div>
      ) : read.isError && messages.length === 0 ? (
        <Unreadable onRetry={() => void read.refetch()} />
      ) : isAwaited || wasAwaited ? (
        <Loading />
      ) : (
        <StandingProvider value={standing}>
          <MessageList
            key={outgoing?.operation.place === 'new' || wasNew(messages) ? 'fresh' : place}
            place={place}
            messages={messages}
            outgoing={outgoing}
            busy={busy}
            onStarted={onStarted}
            older={{
              more: read.hasNextPage,
              busy: read.isFetchingNextPage,
              read: () => void read.fetchNextPage(),
            }}
          />
        </StandingProvider>
      )}
      {place !== 'new' && standing.isShared ? <Company conversation={place} /> : null}
      <QuotaNotice />
      {held.data && !standing.writes ? (
        <ReaderNote held={held.data} />
      ) : (
        <Composer
          place={writtenTo}
          busy={busy}
          field={field}
          recall={(back) => {
            const message = messages.filter(({ role }) => role === 'user').at(-1 - back)
            return message && textOf(message)
          }}
          sees={list?.find(({ id }) => id === model)?.capabilities.vision ?? true}
          onSend={(text, files) => send(place, text, model, onStarted, files)}
          onStop={() => stop(place)}
        >
          <WebToggle place={writtenTo} />
        </Composer>
      )}
      {empty ? (
        <div className="flex-1 pt-3 max-md:hidden">
          <Starters
            onPick={(text) => {
              changeDraft('new', { text })
              field.current?.focus()
            }}
          />
        </div>
      ) : null}
    </>
  )
}

/** A conversation that began on this page keeps its list: only its address has changed. */
const wasNew = (messages: { id: number }[]) => {
  const first = messages[0]
  return first !== undefined && useLive.getState().keys[first.id] !== undefined
}

function useShortcuts(place: Place, busy: boolean, field: { current: HTMLTextAreaElement | null }) {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      const target = event.target instanceof HTMLElement ? event.target : null
      const writing = target?.closest('input, textarea, select, [contenteditable]')
      const isOver = document.querySelector('[role="dialog"], [role="menu"]') !== null
      const isAlone = !writing && !isOver && !event.ctrlKey && !event.metaKey && !event.altKey
      const isPlain = isAlone && usePreferences.getState().singleKeys
      // While an input method composes, all keys are its own: Escape takes back what it was about to write.
      if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return
      if (event.key === 'Escape' && event.shiftKey) field.current?.focus()
      else if (event.key === 'Escape' && busy && !isOver) stop(place)
      else if (event.key === '/' && isPlain) {
        event.preventDefault()
        field.current?.focus()
      } else if (event.key === '?' && isPlain) perform('shortcuts')
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [place, busy, field])
  useEffect(() => register([{ id: 'composer', perform: () => field.current?.focus() }]), [field])
}

function Loading() {
  return (
    <div className="min-h-0 flex-1" aria-busy="true">
      <Delayed>
        <div aria-hidden="true" className="mx-auto flex max-w-[768px] flex-col gap-4 px-4 pt-6">
          <div className="skeleton ms-auto h-11 w-2/5 rounded-[20px]" />
          {[92, 100, 96, 58].map((width) => (
            <div key={width} className="skeleton h-4" style={{ width: `${width}%` }} />
          ))}
        </div>
      </Delayed>
    </div>
  )
}

function Unreadable({ onRetry }: { onRetry: () => void }) {
  const t = useTranslate()
  return (
    <div className="flex min-h-0 flex-1">
      <div className="m-auto flex flex-col items-center gap-3 p-6 text-center text-muted">
        {t('app.unreachable')}
        <Button onClick={onRetry}>{t('app.retry')}</Button>
      </div>
    </div>
  )
}

function Gone() {
  const t = useTranslate()
  return (
    <>
      <ChatHeader title={null} picker={null} menu={null} />
      <EmptyState
        title={t('app.notFound.title')}
        text={t('app.notFound.text')}
        action={
          <Link to={paths.newChat} className={buttonVariants({ variant: 'primary' })}>
            {t('app.home')}
          </Link>
        }
      />
    </>
  )
}
