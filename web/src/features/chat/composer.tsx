import { ArrowUp, Square } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, type Ref, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { Button } from '../../components/ui/button'
import { Tooltip } from '../../components/ui/tooltip'
import { currentLanguage, useTranslate } from '../../lib/i18n'
import { changeDraft, draftOf, joined, type Place, queuedWith, useDraft } from './drafts'
import { useLive } from './live'
import { QueuedChip } from './queued-chip'
import { isSendKey } from './send-key'

const longest = 200_000

type ComposerProps = {
  place: Place
  busy: boolean
  /** The last own message, for Arrow up in an empty field. */
  recall: () => string | undefined
  onSend: (text: string) => void
  onStop: () => void
  field: Ref<HTMLTextAreaElement>
  children?: ReactNode
}

/** Where messages are written. The text is the draft of the place, so it survives everything but being sent. */
export function Composer({ place, busy, recall, onSend, onStop, field, children }: ComposerProps) {
  const t = useTranslate()
  const { text, queued } = useDraft(place)
  const wait = useBlocked()
  const seconds = useElapsed(busy)
  const recalled = useRef(false)
  const own = useRef<HTMLTextAreaElement>(null)
  useGrowing(own, text)

  const blank = text.trim() === ''
  const tooLong = text.length > longest
  const canSend = !blank && !tooLong && wait === 0

  function submit() {
    if (!canSend) return
    if (busy) changeDraft(place, { text: '', queued: queuedWith(queued, text) }, true)
    else onSend(text)
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (isSendKey(event)) {
      event.preventDefault()
      submit()
    } else if (event.key === 'ArrowUp' && text === '') {
      const last = recall()
      if (!last) return
      event.preventDefault()
      recalled.current = true
      changeDraft(place, { text: last })
    } else if (event.key === 'Escape' && recalled.current) {
      event.preventDefault()
      recalled.current = false
      changeDraft(place, { text: '' })
    }
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
      className="mx-auto w-full max-w-[768px] px-3 pb-[max(12px,env(safe-area-inset-bottom))] md:px-4"
    >
      {queued === null ? null : (
        <QueuedChip
          text={queued.text}
          onEdit={() => {
            changeDraft(place, { queued: null, text: joined(queued.text, draftOf(place).text) }, true)
            own.current?.focus()
          }}
          onRemove={() => changeDraft(place, { queued: null }, true)}
        />
      )}
      <div className="rounded-composer border border-control bg-elevated shadow-md transition-colors focus-within:border-muted">
        <textarea
          ref={(node) => {
            own.current = node
            if (typeof field === 'function') field(node)
            else if (field) field.current = node
          }}
          id="composer"
          rows={1}
          aria-label={t('chat.message')}
          placeholder={t(
            busy ? 'chat.placeholder.running' : place === 'new' ? 'chat.placeholder.new' : 'chat.placeholder',
          )}
          className="scroll-area field-sizing-content block max-h-[calc(40dvh-64px)] min-h-12 w-full resize-none bg-transparent px-5 pt-3.5 pb-1 text-chat outline-none max-md:text-[16px]"
          value={text}
          onChange={(event) => {
            recalled.current = false
            changeDraft(place, { text: event.target.value })
          }}
          onKeyDown={onKeyDown}
        />
        <div className="flex h-12 items-center gap-1 ps-3 pe-2">
          <div className="flex min-w-0 flex-1 items-center text-muted text-sm">
            {tooLong ? (
              <span className="truncate text-danger">
                {t('chat.tooLong', { count: new Intl.NumberFormat(currentLanguage()).format(text.length) })}
              </span>
            ) : (
              children
            )}
          </div>
          {seconds >= 5 ? <span className="nums px-1 text-muted text-sm">{t('chat.elapsed', { seconds })}</span> : null}
          {busy && blank ? (
            <RoundButton label={t('chat.stop')} keys="Esc" onClick={onStop}>
              <Square className="fill-current" />
            </RoundButton>
          ) : (
            <RoundButton
              label={t('chat.send')}
              keys="↵"
              submit
              disabled={!canSend}
              hint={wait > 0 ? t('chat.wait', { seconds: wait }) : undefined}
            >
              {wait > 0 ? <span className="nums text-sm">{wait}</span> : <ArrowUp />}
            </RoundButton>
          )}
        </div>
      </div>
    </form>
  )
}

type RoundButtonProps = {
  label: string
  keys: string
  hint?: string | undefined
  submit?: boolean
  disabled?: boolean
  onClick?: () => void
  children: ReactNode
}

function RoundButton({ label, keys, hint, submit, ...props }: RoundButtonProps) {
  return (
    <Tooltip text={hint ?? label} keys={keys}>
      <Button
        type={submit ? 'submit' : 'button'}
        variant="primary"
        size="icon-md"
        aria-label={label}
        // Pressing it leaves the focus where it is: in the field.
        onPointerDown={(event) => event.preventDefault()}
        className="rounded-full! disabled:bg-user! disabled:text-muted! disabled:opacity-100!"
        {...props}
      />
    </Tooltip>
  )
}

/** Seconds until the server takes messages again. */
function useBlocked(): number {
  const until = useLive((state) => state.blockedUntil)
  const left = () => Math.max(0, Math.ceil((until - Date.now()) / 1000))
  const [, tick] = useState(0)
  useEffect(() => {
    if (until <= Date.now()) return
    const timer = setInterval(() => {
      tick((n) => n + 1)
      if (until <= Date.now()) clearInterval(timer)
    }, 500)
    return () => clearInterval(timer)
  }, [until])
  return left()
}

function useElapsed(busy: boolean): number {
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    if (!busy) return
    const from = Date.now()
    const timer = setInterval(() => setSeconds(Math.round((Date.now() - from) / 1000)), 1_000)
    return () => {
      clearInterval(timer)
      setSeconds(0)
    }
  }, [busy])
  return seconds
}

/** Browsers without `field-sizing` need the height to be set by hand. */
function useGrowing(field: { current: HTMLTextAreaElement | null }, text: string) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height depends on the text
  useLayoutEffect(() => {
    if (!field.current || CSS.supports?.('field-sizing', 'content')) return
    field.current.style.height = 'auto'
    field.current.style.height = `${field.current.scrollHeight}px`
  }, [field, text])
}
