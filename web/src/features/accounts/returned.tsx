import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { Button } from '../../components/ui/button'
import { PasswordField } from '../../components/ui/password-field'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { useForm } from '../../lib/use-form'
import '../../locales/person-words'
import { FormError } from './form-error'
import { pageAt } from './from'
import { instance, linkProvider } from './queries'
import { wordsOf } from './returned-words'

/** Somebody is back from another service and not signed in: says why, or asks for the password that links the account. */
export function Returned() {
  const t = useTranslate()
  const [search] = useSearchParams()
  const provider = search.get('link')
  if (provider) return <LinkForm provider={provider} from={pageAt(search.get('from'))} />
  return <FormError text={t(wordsOf(search.get('problem') ?? ''))} />
}

function LinkForm({ provider, from }: { provider: string; from: string }) {
  const t = useTranslate()
  const navigate = useNavigate()
  const { data } = useQuery(instance)
  const name = data?.sign_in_providers.find((one) => one.id === provider)?.name ?? provider
  const form = useForm(async ({ password = '' }) => {
    await linkProvider(provider, password)
    navigate(from, { replace: true })
  })
  return (
    <form onSubmit={form.onSubmit} className="flex flex-col gap-4">
      <p>{t('returned.link', { name })}</p>
      <FormError text={form.errorOf('password') ? undefined : form.message} />
      <PasswordField
        label={t('auth.password')}
        name="password"
        autoComplete="current-password"
        required
        autoFocus
        error={form.errorOf('password')}
      />
      <Button type="submit" variant="primary" size="lg" loading={form.busy}>
        {t('returned.linkAndSignIn')}
      </Button>
      <Link to={paths.login} state={{ from }} className="w-fit text-accent-text text-sm hover:underline">
        {t('returned.another')}
      </Link>
    </form>
  )
}
