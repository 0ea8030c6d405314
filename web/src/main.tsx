import './styles/globals.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app'
import { preloadPage } from './app/pages'
import { instance, me } from './features/accounts/queries'
import { watchLanguage } from './lib/i18n'
import { watchLooks } from './lib/preferences'
import { queryClient } from './lib/query-client'

preloadPage(location.pathname)
void queryClient.prefetchQuery(instance)
if (!/^\/(login$|register$|reset$|s\/)/.test(location.pathname)) void queryClient.prefetchQuery(me)
watchLooks()

const root = document.getElementById('root')
void watchLanguage().finally(() => {
  if (!root) return
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
})

// Once everything else is quiet: what the first message and the first menu will need.
const whenIdle = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 1_500))
whenIdle(() => void import('./components/ui/toaster'))
