import { ArrowUp, LoaderCircle, Square } from 'lucide-react'
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { Button } from '../../components/ui/button'
import { Tooltip } from '../../components/ui/tooltip'
import { handsOnFocus } from '../../lib/focus'
import { currentLanguage, useTranslate } from '../../lib/i18n'
import { usePiece } from '../../lib/piece'
import { notifyError } from '../../lib/toast'
import { useOnline } from '../../lib/use-online'
import { AttachButton } from '../files/attach-button'
import { fileCode } from '../files/pieces'
import { type FilePart, isUploading, partsOf } from '../files/types'
import { useFileDrop } from '../files/use-file-drop'
import { useBlocked, useElapsed } from './composer-clock'
import { asDraft, changeDraft, draftOf, joined, type Place, queuedWith, useDraft } from './drafts'
import { QueuedChip } from './queued-chip'
import { isSendKey } from './send-key'
import { useRecall } from './use-recall'

const longest = 200_000
/** A paste of more characters is offered as a file. */
const longPaste = 4_000

type ComposerProps = {
  place: Place
  busy: boolean
  /** An own message, 0 for the last, for Arrow up in an empty field. */
  recall: (back: number) => string | undefined
  /** Whether the model sees images. */
  sees?: boolean
  onSend: (text: string, files: FilePart[]) => void
  onStop: () => void
  field: Ref<HTMLTextAreaElement>
  children?: ReactNode
}

/** Where messages are written. The text is the draft of the place, so it survives everything but being sent. */
export function Composer({ place, busy, recall, sees = true, onSend, onStop, field, children }: ComposerProps) {
  const t = useTranslate()
  const { text, files, queued } = useDraft(place)
  const wait = useBlocked()
  const seconds = useElapsed(busy)
  const { takesKey, forget } = useRecall(place, text, recall)
  const own = useRef<HTMLTextAreaElement>(null)
  useGrowing(own, text)

  const blank = text.trim() === ''
  const tooLong = text.length > longest
  const nothing = blank && files.length === 0
  // Files wait until there is what takes them, without a network for as long as that lasts.
  const [early, setEarly] = useState<{ place: Place; count: number }[]>([])
  const waiting = early.reduce((sum, one) => sum + (one.place === place ? one.count : 0), 0)
  const online = useOnline()
  const coming = waiting > 0 || files.some(isUploading)
  const unfit = files.some((file) => file.problem !== null || (file.kind === 'image' && !sees))
  const canSend = !nothing && !tooLong && !unfit && wait === 0
  // Sent while a file is still on its way, the message of that place goes out when the file is there.
  const [eagerIn, setEagerIn] = useState<Place | null>(null)
  const eager = eagerIn === place
  const [pasted, setPasted] = useState('')
  const offered = pasted !== '' && text.includes(pasted) ? pasted : ''

  function submit() {
    if (!canSend) return
    if (coming) return setEagerIn(place)
    setEagerIn(null)
    setPasted('')
    forget()
    if (busy) changeDraft(place, { text: '', files: [], queued: queuedWith(queued, text, partsOf(files)) }, true)
    else onSend(text, partsOf(files))
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: only what the files have come to decides
  useEffect(() => {
    if (eager && !canSend) setEagerIn(null)
    else if (eager && !coming) submit()
  }, [eager, canSend, coming])

  const attach = useCallback(
    (added: File[], isPasted = false) => {
      if (added.length === 0) return
      const those = { place, count: added.length }
      setEarly((all) => [...all, those])
      fileCode
        .load()
        .then(({ addFiles }) => addFiles(place, added, isPasted))
        .catch(notifyError)
        .finally(() => setEarly((all) => all.filter((one) => one !== those)))
      own.current?.focus({ preventScroll: true })
    },
    [place],
  )
  const over = useFileDrop(attach)

  function onPaste(event: ClipboardEvent) {
    const added = [...event.clipboardData.files]
    const words = event.clipboardData.getData('text/plain')
    // What has words beside its picture, as cells of a table have, is words; a name is no words.
    const isFile = words === '' || added.some(({ name }) => words.includes(name))
    if (added.length > 0 && isFile) {
      event.preventDefault()
      attach(added)
    } else if (words.length > longPaste) setPasted(words.replaceAll('\r\n', '\n'))
  }

  function makeFile() {
    changeDraft(place, { text: text.replace(offered, () => '') }, true)
    setPasted('')
    attach([new File([offered], t('file.pastedName'), { type: 'text/plain' })], true)
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (isSendKey(event)) {
      event.preventDefault()
      submit()
    } else if (takesKey(event)) event.preventDefault()
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
          queued={queued}
          onEdit={() => {
            const held = draftOf(place)
            const all = [...asDraft(queued.files), ...held.files]
            changeDraft(place, { queued: null, text: joined(queued.text, held.text), files: all }, true)
            own.current?.focus()
          }}
          onRemove={() => changeDraft(place, { queued: null }, true)}
        />
      )}
      {over ? (
        <div className="pointer-events-none fixed inset-3 z-40 grid place-items-center rounded-dialog border-2 border-accent border-dashed bg-accent-soft/90">
          <span className="rounded-card bg-elevated px-5 py-3 font-semibold text-accent-text text-lg shadow-lg">
            {t('file.drop')}
          </span>
        </div>
      ) : null}
      <div className="rounded-composer border border-control bg-elevated shadow-md transition-colors focus-within:border-muted">
        {waiting > 0 && !online ? (
          <p role="status" className="px-5 pt-3 text-muted text-sm">
            {t('file.early', { count: waiting })}
          </p>
        ) : null}
        {files.length > 0 ? <Files place={place} sees={sees} onChanged={() => own.current?.focus()} /> : null}
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
            forget()
            changeDraft(place, { text: event.target.value })
          }}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        {offered ? (
          <p className="flex flex-wrap items-center gap-x-2 px-5 text-muted text-sm">
            {t('file.longPaste', { count: new Intl.NumberFormat(currentLanguage()).format(offered.length) })}
            <Button size="sm" variant="ghost" className="text-accent-text!" onClick={makeFile}>
              {t('file.makeFile')}
            </Button>
          </p>
        ) : null}
        <div className="flex h-12 items-center gap-1 ps-2 pe-2">
          <AttachButton onFiles={attach} />
          <div className="flex min-w-0 flex-1 items-center text-muted text-sm">
            {tooLong ? (
              <span className="truncate text-danger">
                {t('chat.tooLong', { count: new Intl.NumberFormat(currentLanguage()).format(text.length) })}
              </span>
            ) : (
              children
            )}
          </div>
          {seconds >= 5 && !tooLong ? (
            <span className="nums min-w-0 truncate px-1 text-muted text-sm">{t('chat.elapsed', { seconds })}</span>
          ) : null}
          {busy && !nothing ? (
            <RoundButton ref={handsOnFocus} label={t('chat.stop')} keys="Esc" variant="secondary" onClick={onStop}>
              <Square className="fill-current" />
            </RoundButton>
          ) : null}
          {busy && nothing ? (
            <RoundButton label={t('chat.stop')} keys="Esc" onClick={onStop}>
              <Square className="fill-current" />
            </RoundButton>
          ) : (
            <RoundButton
              label={t('chat.send')}
              keys="↵"
              submit
              disabled={!canSend}
              hint={wait > 0 ? t('chat.wait', { seconds: wait }) : eager ? t('file.waiting') : undefined}
            >
              {wait > 0 ? (
                <span className="nums text-sm">{wait}</span>
              ) : eager ? (
                <LoaderCircle className="animate-spin" />
              ) : (
                <ArrowUp />
              )}
            </RoundButton>
          )}
        </div>
      </div>
    </form>
  )
}

function Files({ place, sees, onChanged }: { place: Place; sees: boolean; onChanged: () => void }) {
  const { files } = useDraft(place)
  const code = usePiece(fileCode)
  if (code) return <code.FileStrip place={place} files={files} sees={sees} onChanged={onChanged} />
  return <div className="h-[74px]" aria-busy="true" />
}

type RoundButtonProps = {
  ref?: Ref<HTMLButtonElement>
  label: string
  keys: string
  hint?: string | undefined
  submit?: boolean
  variant?: 'primary' | 'secondary'
  disabled?: boolean
  onClick?: () => void
  children: ReactNode
}

function RoundButton({ label, keys, hint, submit, variant = 'primary', ...props }: RoundButtonProps) {
  return (
    <Tooltip text={hint ?? label} keys={keys}>
      <Button
        type={submit ? 'submit' : 'button'}
        variant={variant}
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

/** Browsers without `field-sizing` need the height to be set by hand. */
function useGrowing(field: { current: HTMLTextAreaElement | null }, text: string) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height depends on the text
  useLayoutEffect(() => {
    if (!field.current || CSS.supports?.('field-sizing', 'content')) return
    field.current.style.height = 'auto'
    field.current.style.height = `${field.current.scrollHeight}px`
  }, [field, text])
}
