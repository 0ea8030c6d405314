import { useQuery } from '@tanstack/react-query'
import { ExternalLink, X } from 'lucide-react'
import { useState } from 'react'
import { CopyField } from '../../components/copy-field'
import { Button, buttonVariants } from '../../components/ui/button'
import { Dialog, DialogClose, DialogContent, DialogDescription, DialogTitle } from '../../components/ui/dialog'
import { announce } from '../../lib/announce'
import { exactTime } from '../../lib/format'
import { useTranslate } from '../../lib/i18n'
import { notifyError } from '../../lib/toast'
import { cn } from '../../lib/utils'
import { endShare, share, shareNow } from './share'
import type { Conversation } from './types'

/** The link by which anybody may read a conversation: makes it, brings it up to date, ends it. */
export function ShareDialog({ held, onClose }: { held: Conversation; onClose: () => void }) {
  const t = useTranslate()
  const { data, error, refetch } = useQuery(share(held.id))
  const [doing, setDoing] = useState<'sharing' | 'ending'>()
  const [done, setDone] = useState('')

  async function perform(what: typeof doing, action: (id: number) => Promise<void>, said: string) {
    setDoing(what)
    setDone('')
    try {
      await action(held.id)
      setDone(said)
      announce(said)
    } catch (failed) {
      notifyError(failed)
    } finally {
      setDoing(undefined)
    }
  }

  const shareAsNow = () => perform('sharing', shareNow, t(data?.url ? 'share.updated' : 'share.created'))
  return (
    <Dialog open onOpenChange={(open) => open || onClose()}>
      <DialogContent className="flex flex-col gap-4 md:max-w-[480px]!">
        <DialogTitle className="pe-8">{t('share.title')}</DialogTitle>
        <DialogDescription>{t('share.text')}</DialogDescription>
        <div className="flex min-h-9 flex-col justify-end gap-4 touch:min-h-11" aria-busy={!data && !error}>
          {data?.url ? (
            <>
              <LinkField url={data.url} />
              <p className="text-muted text-sm">
                {t('share.frozen', { when: data.updated_at ? exactTime(data.updated_at) : '' })}
              </p>
            </>
          ) : null}
          {error ? <p className="text-danger">{t('app.unreachable')}</p> : null}
          {done ? <p className="text-ok text-sm">{done}</p> : null}
          <div className="flex flex-wrap justify-end gap-2">
            {error ? (
              <Button onClick={() => void refetch()}>{t('app.retry')}</Button>
            ) : data?.url ? (
              <>
                <Button
                  variant="danger"
                  loading={doing === 'ending'}
                  disabled={doing !== undefined}
                  onClick={() => void perform('ending', endShare, t('share.ended'))}
                >
                  {t('share.end')}
                </Button>
                <Button loading={doing === 'sharing'} disabled={doing !== undefined} onClick={() => void shareAsNow()}>
                  {t('share.update')}
                </Button>
              </>
            ) : data ? (
              <Button variant="primary" loading={doing === 'sharing'} onClick={() => void shareAsNow()}>
                {t('share.create')}
              </Button>
            ) : null}
          </div>
        </div>
        {/* The last, so that the first thing to do has the focus. */}
        <DialogClose
          aria-label={t('app.close')}
          className={cn(
            buttonVariants({ variant: 'ghost', size: 'icon' }),
            'absolute end-4 top-5 touch:end-3 touch:top-4',
          )}
        >
          <X />
        </DialogClose>
      </DialogContent>
    </Dialog>
  )
}

function LinkField({ url }: { url: string }) {
  const t = useTranslate()
  return (
    <CopyField label={t('share.link')} copyLabel={t('share.copy')} text={url}>
      <a
        href={url}
        target="_blank"
        rel="noopener noreferrer"
        aria-label={t('share.open')}
        className={buttonVariants({ variant: 'ghost', size: 'icon' })}
      >
        <ExternalLink />
      </a>
    </CopyField>
  )
}
