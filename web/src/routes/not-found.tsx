import { Link } from 'react-router'
import { EmptyState } from '../components/empty-state'
import { buttonVariants } from '../components/ui/button'
import { useTranslate } from '../lib/i18n'
import { paths } from '../lib/paths'

export function NotFound() {
  const t = useTranslate()
  return (
    <EmptyState
      title={t('app.notFound.title')}
      text={t('app.notFound.text')}
      action={
        <Link to={paths.newChat} className={buttonVariants({ variant: 'primary' })}>
          {t('app.home')}
        </Link>
      }
    />
  )
}
