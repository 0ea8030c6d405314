import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { Delayed } from '../../components/delayed'
import { EmptyState } from '../../components/empty-state'
import { Button, buttonVariants } from '../../components/ui/button'
import { exactTime } from '../../lib/format'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { Problem } from '../../lib/problem'
import { AuthFrame } from '../accounts/auth-frame'
import { FormError } from '../accounts/form-error'
import { accept, invited } from './invited'
import type { Invited } from './types'

/** What an invitation leads to, said to whoever has its link, and the way in. */
export function InvitePage() {
  const t = useTranslate()
  const { token = '' } = useParams()
  const { data, error, refetch } = useQuery(invited(token))
  const isGone = error instanceof Problem && error.status === 404
  const title = t(isGone ? 'invite.gone.title' : 'invite.title')

  useEffect(() => {
    document.title = title
  }, [title])

  if (isGone)
    return (
      <main className="flex h-dvh">
        <EmptyState
          title={title}
          text={t('invite.gone.text')}
          action={
            <Link to={paths.newChat} className={buttonVariants({ variant: 'primary' })}>
              {t('app.home')}
            </Link>
          }
        />
      </main>
    )
  return (
    <AuthFrame title={title}>
      {data ? (
        <Invitation held={data} token={token} />
      ) : error ? (
        <div className="flex flex-col items-start gap-3 text-muted">
          {t('app.unreachable')}
          <Button onClick={() => void refetch()}>{t('app.retry')}</Button>
        </div>
      ) : (
        <div aria-busy="true" className="min-h-40">
          <Delayed>
            <div aria-hidden="true" className="skeleton h-20" />
          </Delayed>
        </div>
      )}
    </AuthFrame>
  )
}

function Invitation({ held, token }: { held: Invited; token: string }) {
  const t = useTranslate()
  const navigate = useNavigate()
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<string>()
  const title = held.conversation_title || t('conversation.untitled')

  /** Who is not signed in does that first, and comes back. */
  async function enter() {
    setBusy(true)
    setFailure(undefined)
    try {
      await navigate(paths.chat(await accept(token)), { replace: true })
    } catch (error) {
      setBusy(false)
      if (error instanceof Problem && error.status === 401)
        return navigate(paths.login, { state: { from: paths.invite(token) } })
      setFailure(error instanceof Problem ? error.message : t('app.unreachable'))
    }
  }

  return (
    <>
      <FormError text={failure} />
      <p className="text-fg-2">{t('invite.by', { name: held.invited_by })}</p>
      <p className="font-semibold text-lg [overflow-wrap:anywhere]">{title}</p>
      <div className="flex flex-col gap-1">
        <p>{t(held.role === 'owner' ? 'invite.as.editor' : `invite.as.${held.role}`)}</p>
        <p className="text-muted text-sm">{t('invite.ends', { when: exactTime(held.expires_at) })}</p>
      </div>
      <Button variant="primary" size="lg" loading={busy} onClick={() => void enter()}>
        {t('invite.accept')}
      </Button>
      <p className="text-muted text-sm">{t('invite.hint')}</p>
    </>
  )
}
