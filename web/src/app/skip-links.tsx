import { useTranslate } from '../lib/i18n'
import { paths } from '../lib/paths'

const look =
  'sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-70 focus:rounded-button focus:bg-elevated focus:px-4 focus:py-2 focus:shadow-md'

/** Past the sidebar, for the keyboard: to the message field, and to what was said, where there are any. */
export function SkipLinks({ pathname }: { pathname: string }) {
  const t = useTranslate()
  const hasMessages = pathname.startsWith('/c/')
  if (!hasMessages && pathname !== paths.newChat) return null
  return (
    <>
      <SkipLink to="composer">{t('app.skip')}</SkipLink>
      {hasMessages ? <SkipLink to="messages">{t('app.skipToMessages')}</SkipLink> : null}
    </>
  )
}

/** The focus alone goes there: the address keeps naming the page, or a message of it. */
function SkipLink({ to, children }: { to: string; children: string }) {
  return (
    <a
      href={`#${to}`}
      className={look}
      onClick={(event) => {
        event.preventDefault()
        document.getElementById(to)?.focus({ preventScroll: true })
      }}
    >
      {children}
    </a>
  )
}
