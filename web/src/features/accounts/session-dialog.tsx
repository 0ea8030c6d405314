import { useQuery } from '@tanstack/react-query'
import { Dialog, DialogContent, DialogDescription, DialogTitle } from '../../components/ui/dialog'
import { useSessionEnded } from '../../lib/http'
import { useTranslate } from '../../lib/i18n'
import { notify } from '../../lib/toast'
import { Providers } from './providers'
import { me } from './queries'
import { SignInForm } from './sign-in-form'

/** When the session has ended: signing in again over the page, which stays as it is behind. */
export function SessionDialog() {
  const t = useTranslate()
  const ended = useSessionEnded((state) => state.ended)
  const { data: user } = useQuery({ ...me, enabled: false })
  return (
    <Dialog open={ended && Boolean(user)}>
      <DialogContent className="flex flex-col gap-4" onInteractOutside={(event) => event.preventDefault()}>
        <DialogTitle>{t('auth.ended.title')}</DialogTitle>
        <DialogDescription>{t('auth.ended.text')}</DialogDescription>
        <Providers from={location.pathname + location.search} />
        <SignInForm
          name={user?.username ?? ''}
          onDone={(now) => {
            if (now.id !== user?.id) notify(t('auth.otherAccount'))
          }}
        />
      </DialogContent>
    </Dialog>
  )
}
