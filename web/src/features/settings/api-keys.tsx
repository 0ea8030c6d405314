import { useQuery } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { type RefObject, useEffect, useRef, useState } from 'react'
import { Button } from '../../components/ui/button'
import { exactTime, relativeTime } from '../../lib/format'
import { useTranslate } from '../../lib/i18n'
import { piece, usePiece } from '../../lib/piece'
import { notify } from '../../lib/toast'
import { apiKeys, revokeKey } from '../accounts/api-keys'
import type { ApiKey } from '../accounts/types'
import { preloadQuestion, Question } from './question'
import { Section } from './section'

const dialog = piece(() => import('./new-key-dialog'))

/** A key that is to end, and its row. */
type Asked = { held: ApiKey; row: HTMLElement | null }

/** The keys by which programs ask in the person's name: making, looking at and revoking them. */
export function ApiKeysSection() {
  const t = useTranslate()
  const { data } = useQuery(apiKeys)
  const heading = useRef<HTMLHeadingElement>(null)
  const [isMaking, setIsMaking] = useState(false)
  const [asked, setAsked] = useState<Asked>()
  useEffect(preloadQuestion, [])
  return (
    <Section id="keys" title={t('keys.title')} hint={t('keys.hint')} heading={heading}>
      {data?.length === 0 ? <p className="text-muted">{t('keys.empty')}</p> : null}
      <ul className="-my-3 flex flex-col divide-y divide-border empty:hidden">
        {data?.map((key) => (
          <Key key={key.id} held={key} onEnd={setAsked} />
        ))}
      </ul>
      <Button
        className="w-fit"
        aria-haspopup="dialog"
        onFocus={dialog.preload}
        onPointerEnter={dialog.preload}
        onClick={() => setIsMaking(true)}
      >
        <KeyRound />
        {t('keys.new')}
      </Button>
      {isMaking ? <NewKey onClose={() => setIsMaking(false)} /> : null}
      {asked ? <EndQuestion asked={asked} heading={heading} onClose={() => setAsked(undefined)} /> : null}
    </Section>
  )
}

function NewKey({ onClose }: { onClose: () => void }) {
  const code = usePiece(dialog)
  return code ? <code.NewKeyDialog onClose={onClose} /> : null
}

type EndQuestionProps = { asked: Asked; heading: RefObject<HTMLElement | null>; onClose: () => void }

function EndQuestion({ asked: { held, row }, heading, onClose }: EndQuestionProps) {
  const t = useTranslate()
  // Asked while the row is still there.
  const [neighbour] = useState(() => row?.nextElementSibling ?? row?.previousElementSibling)

  async function revoke() {
    await revokeKey(held.id)
    notify(t('keys.revoked', { name: held.name }))
  }

  return (
    <Question
      title={t('keys.revokeTitle', { name: held.name })}
      text={t('keys.revokeText')}
      action={t('keys.revoke')}
      onYes={revoke}
      onClose={onClose}
      after={() => neighbour?.querySelector('button') ?? heading.current}
    />
  )
}

function Key({ held, onEnd }: { held: ApiKey; onEnd: (asked: Asked) => void }) {
  const t = useTranslate()
  const { name, prefix, scopes, created_at: made, expires_at: end, last_used_at: used } = held
  const isOver = end !== null && Date.parse(end) <= Date.now()
  return (
    <li className="flex items-start gap-3 py-3">
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <p className="flex flex-wrap items-center gap-x-2">
          <span className="min-w-0 truncate font-medium">{name}</span>
          <code className="font-mono text-muted text-sm">{prefix}…</code>
        </p>
        <ul className="flex flex-wrap gap-1">
          {scopes.map((scope) => (
            <li key={scope} className="rounded-chip bg-user px-2 py-0.5 text-fg-2 text-sm">
              {t(`keys.scope.${scope}`)}
            </li>
          ))}
        </ul>
        <p className="text-muted text-sm">
          <span title={exactTime(made)}>{t('keys.made', { when: relativeTime(made) })}</span>
          {' · '}
          <span title={used ? exactTime(used) : undefined}>
            {used ? t('keys.used', { when: relativeTime(used) }) : t('keys.unused')}
          </span>
          {' · '}
          <span className={isOver ? 'text-danger' : undefined}>
            {end ? t(isOver ? 'keys.ended' : 'keys.ends', { when: exactTime(end) }) : t('keys.endless')}
          </span>
        </p>
      </div>
      <Button
        size="sm"
        variant="danger"
        aria-label={t('keys.revokeOf', { name })}
        onClick={(event) => onEnd({ held, row: event.currentTarget.closest('li') })}
      >
        {t('keys.revoke')}
      </Button>
    </li>
  )
}
