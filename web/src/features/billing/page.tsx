import { ArrowLeft } from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import { Link } from 'react-router'
import { buttonVariants } from '../../components/ui/button'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'

type PageProps = {
  title: string
  /** Where the arrow leads. */
  back: string
  children: ReactNode
}

/** A page of its own inside the app: a way back, a heading, and what it is about. */
export function Page({ title, back, children }: PageProps) {
  const t = useTranslate()
  useEffect(() => {
    document.title = title
  }, [title])
  return (
    <div className="scroll-area h-full">
      <div className="mx-auto flex max-w-[960px] flex-col gap-6 px-4 py-5 md:px-8">
        <div className="flex items-center gap-3">
          <Link
            to={back}
            aria-label={t(back === paths.newChat ? 'settings.back' : 'billing.back')}
            className={buttonVariants({ variant: 'ghost', size: 'icon' })}
          >
            <ArrowLeft />
          </Link>
          <h1 className="font-semibold text-xl">{title}</h1>
        </div>
        {children}
      </div>
    </div>
  )
}

/** What is said where the server does not answer. */
export function Unreachable({ again }: { again: () => void }) {
  const t = useTranslate()
  return (
    <div className="flex flex-col items-start gap-3 text-muted">
      <p>{t('app.unreachable')}</p>
      <button type="button" className={buttonVariants()} onClick={again}>
        {t('app.retry')}
      </button>
    </div>
  )
}
