import './styles/globals.css'
import { StrictMode, startTransition } from 'react'
import { createRoot } from 'react-dom/client'
import { App, preloadNotices } from './app/app'
import { preloadPage } from './app/pages'
import { instance, me } from './features/accounts/queries'
import { watchLanguage } from './lib/i18n'
import { takeLateFont } from './lib/late-font'
import { piece } from './lib/piece'
import { watchLooks } from './lib/preferences'
import { queryClient } from './lib/query-client'
import { whenIdle } from './lib/when-idle'

preloadPage(location.pathname)
// Pages for anybody say where one is; the others first need to know who that is.
const isForAnybody = /^\/(login$|register$|reset$|s\/)/.test(location.pathname)
void (isForAnybody ? queryClient.prefetchQuery(instance) : queryClient.prefetchQuery(me))
watchLooks()

const root = document.getElementById('root')
void watchLanguage().finally(() => {
  if (!root) return
  // React draws a transition in slices, between which the page answers; anything else in one go.
  startTransition(() =>
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    ),
  )
})

const updates = piece(() => import('./app/updates'))

// What the first message will need, and the app without a network.
whenIdle(() => {
  preloadNotices()
  void takeLateFont()
  if (import.meta.env.PROD)
    void updates.load().then(
      ({ keepShell }) => keepShell(),
      () => undefined,
    )
}, 1_500)
