import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import { Outlet, useLocation, useNavigate } from 'react-router'
import { Dialog, DialogOverlay, DialogPanel, DialogPortal, DialogTitle } from '../components/ui/dialog'
import { TooltipProvider } from '../components/ui/tooltip'
import { onLeave } from '../features/accounts/leave'
import { follow } from '../features/accounts/looks'
import { instance, useMe } from '../features/accounts/queries'
import { SessionDialog } from '../features/accounts/session-dialog'
import { forgetDrafts, openDrafts } from '../features/chat/drafts'
import { applyNews } from '../features/chat/news'
import { stopAllFollowing } from '../features/chat/turns'
import { GroupQuestions } from '../features/conversations/group-questions'
import { endSelecting } from '../features/conversations/selection'
import { register } from '../lib/commands'
import { useSessionEnded } from '../lib/http'
import { useTranslate } from '../lib/i18n'
import { listenToNews } from '../lib/news/listen'
import { paths } from '../lib/paths'
import { usePreferences } from '../lib/preferences'
import { useIsPhone } from '../lib/use-media'
import { Sidebar } from './sidebar'

const SearchDialog = lazy(() =>
  import('../features/search/search-dialog').then((module) => ({ default: module.SearchDialog })),
)
const ShortcutSheet = lazy(() => import('./shortcut-sheet').then((module) => ({ default: module.ShortcutSheet })))

onLeave(forgetDrafts)
onLeave(stopAllFollowing)
onLeave(endSelecting)

/** The frame of a signed-in person: sidebar or drawer, the page beside it, and the search over both. */
export function Shell() {
  const t = useTranslate()
  const user = useMe()
  const navigate = useNavigate()
  const { pathname } = useLocation()
  const isPhone = useIsPhone()
  const sidebarOpen = usePreferences((state) => state.sidebarOpen)
  const [drawer, setDrawer] = useState(false)
  const [searching, setSearching] = useState(false)
  const [sheet, setSheet] = useState(false)
  const name = useQuery(instance).data?.name ?? ''
  const ended = useSessionEnded((state) => state.ended)
  openDrafts(user.id)

  useEffect(() => follow(user.preferences), [user.preferences])

  useEffect(() => (ended ? undefined : listenToNews(user.id, applyNews)), [user.id, ended])

  const newChat = useCallback(() => {
    setDrawer(false)
    if (location.pathname === paths.newChat) document.getElementById('composer')?.focus()
    else navigate(paths.newChat)
  }, [navigate])

  useEffect(() => {
    const toggle = () => usePreferences.setState((state) => ({ sidebarOpen: !state.sidebarOpen }))
    return register([
      { id: 'new-chat', key: 'o', shift: true, perform: newChat },
      { id: 'search', key: 'k', perform: () => setSearching(true) },
      { id: 'sidebar', key: 's', shift: true, perform: toggle },
      { id: 'drawer', perform: () => setDrawer(true) },
      { id: 'shortcuts', key: '/', perform: () => setSheet(true) },
    ])
  }, [newChat])

  // biome-ignore lint/correctness/useExhaustiveDependencies: going anywhere closes the drawer
  useEffect(() => setDrawer(false), [pathname])

  const openSearch = () => {
    setDrawer(false)
    setSearching(true)
  }
  const common = { name, onNewChat: newChat, onSearch: openSearch }

  return (
    <TooltipProvider delayDuration={500}>
      {pathname.startsWith('/settings') ? null : (
        <a
          href="#composer"
          className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-70 focus:rounded-button focus:bg-elevated focus:px-4 focus:py-2 focus:shadow-md"
        >
          {t('app.skip')}
        </a>
      )}
      <div className="flex h-dvh">
        {isPhone || !sidebarOpen ? null : (
          <div className="w-66 shrink-0 border-border border-e">
            <Sidebar {...common} onClose={() => usePreferences.setState({ sidebarOpen: false })} />
          </div>
        )}
        <main className="flex min-w-0 flex-1 flex-col">
          <Outlet />
        </main>
      </div>
      <Dialog open={drawer && isPhone} onOpenChange={setDrawer}>
        <DialogPortal>
          <DialogOverlay />
          <DialogPanel
            aria-describedby={undefined}
            onOpenAutoFocus={(event) => {
              // On the first button it would open a tooltip over what the person came for.
              event.preventDefault()
              if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
            }}
            className="slide-in-from-left data-[state=closed]:slide-out-to-left fixed inset-y-0 start-0 z-50 w-[min(86vw,320px)] outline-none animate-in border-border border-e duration-240 data-[state=closed]:animate-out"
          >
            <DialogTitle className="sr-only">{t('sidebar.label')}</DialogTitle>
            <Sidebar {...common} onClose={() => setDrawer(false)} onGo={() => setDrawer(false)} />
          </DialogPanel>
        </DialogPortal>
      </Dialog>
      {searching ? (
        <Suspense>
          <SearchDialog onClose={() => setSearching(false)} />
        </Suspense>
      ) : null}
      {sheet ? (
        <Suspense>
          <ShortcutSheet onClose={() => setSheet(false)} />
        </Suspense>
      ) : null}
      <GroupQuestions />
      <SessionDialog />
    </TooltipProvider>
  )
}
