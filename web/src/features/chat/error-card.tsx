import { CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { CopyButton } from '../../components/copy-button'
import { useTranslate } from '../../lib/i18n'

type ErrorCardProps = {
  title: string
  text: string
  /** A word for what it was. */
  code?: string | undefined
  /** By which the server's log tells more. */
  requestId?: string | undefined
  children?: ReactNode
}

/** What went wrong, what is kept, and what to do next. */
export function ErrorCard({ title, text, code, requestId, children }: ErrorCardProps) {
  const t = useTranslate()
  return (
    <div role="alert" className="mt-3 flex gap-3 rounded-card border border-danger/40 bg-danger-soft p-4 text-danger">
      <CircleAlert className="mt-0.5 size-4 shrink-0" />
      <div className="flex min-w-0 flex-1 flex-col gap-2 text-start">
        <p className="font-medium">{title}</p>
        <p className="[overflow-wrap:anywhere]">{text}</p>
        <div className="flex flex-wrap gap-2 empty:hidden">{children}</div>
        {code || requestId ? (
          <details className="text-sm">
            <summary className="w-fit">{t('chat.details')}</summary>
            {code ? <code className="block font-mono [overflow-wrap:anywhere]">{code}</code> : null}
            {requestId ? (
              <span className="flex flex-wrap items-center gap-x-1.5">
                {t('chat.requestId')}
                <code className="font-mono [overflow-wrap:anywhere]">{requestId}</code>
                <CopyButton label={t('chat.requestId.copy')} text={() => requestId} />
              </span>
            ) : null}
          </details>
        ) : null}
      </div>
    </div>
  )
}
