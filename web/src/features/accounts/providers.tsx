import { useQuery } from '@tanstack/react-query'
import { buttonVariants } from '../../components/ui/button'
import { useTranslate } from '../../lib/i18n'
import { instance } from './queries'

/** Ways in with accounts at other services. The first account is made here: it needs the set-up code. */
export function Providers({ from }: { from: string }) {
  const t = useTranslate()
  const { data } = useQuery(instance)
  if (!data?.sign_in_providers.length || data.setup_code_needed) return null
  return (
    <div className="flex flex-col gap-2">
      {data.sign_in_providers.map(({ id, name, login_url }) => (
        <a
          key={id}
          href={`${login_url}?from=${encodeURIComponent(from)}`}
          className={buttonVariants({ variant: 'outline', size: 'lg' })}
        >
          {t('auth.continueWith', { name })}
        </a>
      ))}
      <p className="text-center text-muted text-sm">{t('auth.or')}</p>
    </div>
  )
}
