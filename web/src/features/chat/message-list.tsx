import { ArrowDown } from 'lucide-react'
import { Fragment, type RefObject, useDeferredValue, useEffect, useLayoutEffect, useRef } from 'react'
import { useLocation } from 'react-router'
import { Delayed } from '../../components/delayed'
import { Tooltip } from '../../components/ui/tooltip'
import { useTranslate } from '../../lib/i18n'
import { useMe } from '../accounts/queries'
import { NotesOf } from '../people/together'
import { AssistantMessage } from './assistant-message'
import { Find } from './find/find'
import { type Outgoing, useLive } from './live'
import { useMessageKeys } from './message-keys'
import { OutgoingMessage } from './outgoing-message'
import { messageAnchor, Parkable } from './parkable'
import { showBranch } from './queries'
import { useStanding } from './standing'
import type { Message } from './types'
import { useFollowScroll } from './use-follow-scroll'
import { UserMessage } from './user-message'

/** A question with its answers. */
type Exchange = { key: string | number; messages: Message[] }

function exchangesOf(messages: Message[], keys: Readonly<Record<number, string>>): Exchange[] {
  const exchanges: Exchange[] = []
  for (const message of messages) {
    const last = exchanges.at(-1)
    if (message.role === 'user' || !last) exchanges.push({ key: keys[message.id] ?? message.id, messages: [message] })
    else last.messages.push(message)
  }
  return exchanges
}

type MessageListProps = {
  place: number | 'new'
  messages: Message[]
  outgoing: Outgoing | undefined
  busy: boolean
  onStarted: (conversation: number) => void
  older: { more: boolean; busy: boolean; read: () => void }
}

/** The conversation. What was sent here gets the room of a page, so that its answer has where to grow. */
export function MessageList({ place, messages, outgoing, busy, onStarted, older }: MessageListProps) {
  const t = useTranslate()
  const { isShared } = useStanding()
  const me = useMe()
  // Those who have left may have left notes.
  const hasNotes = isShared || messages.some(({ author }) => author && author.id !== me.id)
  // What was sent is drawn first, and a frame later what cannot be done to all that was said before.
  const isBusy = useDeferredValue(busy)
  const scroller = useRef<HTMLDivElement>(null)
  const keys = useLive((state) => state.keys)
  const { away, toEnd, letGo, height } = useFollowScroll(scroller, place, true)
  const from = outgoing?.operation.replaced ?? null
  const cut = from === null ? -1 : messages.findIndex((message) => message.id === from)
  const shown = cut < 0 ? messages : messages.slice(0, cut)
  const exchanges = exchangesOf(shown, keys)
  const answering = outgoing && outgoing.operation.text === null
  const pendingKey = outgoing && !answering ? outgoing.operation.key : undefined
  const ownKeys = new Set<string | number>(Object.values(keys))
  useKeepPlace(scroller, height, messages)
  useGoToMessage(messages, older, busy, letGo)
  useEndOnSend(outgoing?.operation.key, toEnd)
  useMessageKeys(scroller)

  return (
    <div className="relative min-h-0 flex-1">
      <div ref={scroller} className="scroll-area h-full [overflow-anchor:none] [scrollbar-gutter:stable_both-edges]">
        <div
          id="messages"
          role="log"
          tabIndex={-1}
          aria-live="off"
          aria-label={t('chat.log')}
          className="mx-auto flex w-full max-w-[768px] flex-col px-4 pt-6 pb-8 outline-none"
        >
          {older.more ? <Older busy={older.busy} onMore={older.read} label={t('chat.older')} /> : null}
          {exchanges.map(({ key, messages: own }, index) => {
            const isLast = index === exchanges.length - 1 && !pendingKey
            return (
              <Parkable
                key={key}
                ids={own.map((message) => message.id)}
                keep={isLast}
                className={isLast && (ownKeys.has(key) || answering) ? roomClass : 'pb-(--turn-gap)'}
              >
                {own.map((message) => (
                  <Fragment key={message.id}>
                    {message.role === 'user' ? (
                      <UserMessage message={message} busy={isBusy} />
                    ) : (
                      <AssistantMessage message={message} last={isLast && message === own.at(-1)} busy={isBusy} />
                    )}
                    {hasNotes ? <NotesOf of={message.conversation_id} message={message.id} /> : null}
                  </Fragment>
                ))}
                {isLast && answering ? <OutgoingMessage outgoing={outgoing} onStarted={onStarted} /> : null}
              </Parkable>
            )
          })}
          {outgoing && pendingKey ? (
            <div key={pendingKey} className={roomClass}>
              <OutgoingMessage outgoing={outgoing} onStarted={onStarted} />
            </div>
          ) : null}
          {hasNotes && place !== 'new' ? <NotesOf of={place} message={null} /> : null}
        </div>
      </div>
      {place === 'new' ? null : (
        <Find key={place} conversation={place} isLong={older.more || messages.length > drawn} />
      )}
      {away ? <JumpToLatest growing={busy} onJump={() => toEnd(true)} /> : null}
    </div>
  )
}

/** So many messages may all be drawn; of more, some are not. */
const drawn = 20

/** Two thirds of what is visible: with the end in sight, the question stands in the top third. */
const roomClass = 'min-h-[calc(66dvh-80px)] pb-(--turn-gap)'

/** Older messages that appear above do not move what is being read. */
function useKeepPlace(scroller: RefObject<HTMLElement | null>, height: RefObject<number>, messages: Message[]) {
  const first = useRef(messages[0]?.id)
  useLayoutEffect(() => {
    const box = scroller.current
    const added = messages.findIndex((message) => message.id === first.current) > 0
    if (box && added) box.scrollTop += box.scrollHeight - height.current
    first.current = messages[0]?.id
  }, [scroller, height, messages])
}

/**
 * An address that names a message, such as a hit of the search, brings that message into sight, however old it is. If it
 * lies on another branch, that one is shown, as soon as no answer grows on this one.
 */
function useGoToMessage(messages: Message[], older: MessageListProps['older'], busy: boolean, letGo: () => void) {
  const { hash, key } = useLocation()
  const gone = useRef('')
  const asked = useRef('')
  useLayoutEffect(() => {
    const [first] = messages
    const wanted = Number(/^#m(\d+)$/.exec(hash)?.[1])
    if (!wanted || !first || gone.current === key) return
    if (messages.some(({ id }) => id === wanted)) {
      gone.current = key
      letGo()
      mark(null)
      bringIntoSight(messageAnchor(wanted), 12)
    } else if (wanted < first.id && older.more) {
      // Ids grow with time: what is older than all that was read may be further up.
      if (!older.busy) older.read()
    } else if (!busy && asked.current !== key) {
      asked.current = key
      void showBranch(first.conversation_id, wanted)
    }
  }, [hash, key, messages, older, busy, letGo])
}

/** What was parked around the target is drawn as it comes near, so a few more frames find it where it really is. */
function bringIntoSight(id: string, frames: number) {
  const target = document.getElementById(id)
  target?.scrollIntoView({ block: 'center' })
  if (frames > 0) requestAnimationFrame(() => bringIntoSight(id, frames - 1))
  else mark(target)
}

/** One message at a time is marked as the one that was looked for. */
function mark(target: HTMLElement | null) {
  document.querySelector('article[aria-current]')?.removeAttribute('aria-current')
  target?.setAttribute('aria-current', 'true')
}

/** An own message brings the end into sight. */
function useEndOnSend(key: string | undefined, toEnd: () => void) {
  const before = useRef(key)
  useLayoutEffect(() => {
    if (key && key !== before.current) toEnd()
    before.current = key
  })
}

function Older({ busy, onMore, label }: { busy: boolean; onMore: () => void; label: string }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!place.current || busy) return
    const watcher = new IntersectionObserver(([entry]) => entry?.isIntersecting && onMore(), { rootMargin: '600px' })
    watcher.observe(place.current)
    return () => watcher.disconnect()
  }, [busy, onMore])
  return (
    <div ref={place} className="h-8 text-center text-muted text-sm">
      {busy ? <Delayed>{label}</Delayed> : null}
    </div>
  )
}

function JumpToLatest({ growing, onJump }: { growing: boolean; onJump: () => void }) {
  const t = useTranslate()
  const label = growing ? t('chat.jumpNew') : t('chat.jump')
  return (
    <div className="fade-in pointer-events-none absolute inset-x-0 bottom-3 grid animate-in place-items-center">
      <Tooltip text={t('chat.jump')}>
        <button
          type="button"
          aria-label={label}
          onClick={onJump}
          className="pointer-events-auto relative grid size-9 place-items-center rounded-full border border-border bg-elevated text-fg-2 shadow-md hover:text-fg touch:size-11"
        >
          <ArrowDown className="size-4 stroke-[1.75]" />
          {growing ? <span className="stream-dot absolute -end-0.5 -top-0.5" /> : null}
        </button>
      </Tooltip>
    </div>
  )
}
