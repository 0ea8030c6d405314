import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useCallback, useEffect, useState } from 'react'
import { Outlet, useLocation, useNavigate } from 'react-router'
import { preloadMenus } from '../components/ui/menu'
import { TooltipProvider } from '../components/ui/tooltip'
import { onLeave } from '../features/accounts/leave'
import { follow } from '../features/accounts/looks'
import { instance, useMe } from '../features/accounts/queries'
import { copyLastAnswer, copyLastCode } from '../features/chat/copy-last'
import { forgetDrafts, openDrafts } from '../features/chat/drafts'
import { applyNews } from '../features/chat/news'
import { stopAllFollowing } from '../features/chat/turns'
import { GroupQuestions } from '../features/conversations/group-questions'
import { groups } from '../features/conversations/groups'
import { forgetMarks, openMarks } from '../features/conversations/marks'
import { goBy } from '../features/conversations/neighbours'
import { conversations, favorites } from '../features/conversations/queries'
import { endSelecting } from '../features/conversations/selection'
import { Sharing } from '../features/conversations/sharing'
import { useOrganise } from '../features/conversations/use-organise'
import { register, runShortcut } from '../lib/commands'
import { useSessionEnded } from '../lib/http'
import { useTranslate } from '../lib/i18n'
import { listenToNews } from '../lib/news/listen'
import { paths } from '../lib/paths'
import { type Piece, piece, usePiece } from '../lib/piece'
import { usePreferences } from '../lib/preferences'
import { queryClient } from '../lib/query-client'
import { useIsPhone } from '../lib/use-media'
import { beginWhenIdle, whenIdle } from '../lib/when-idle'
import { Sidebar } from './sidebar'

const search = piece(() => import('../features/search/search-dialog'))
const shortcuts = piece(() => import('./shortcut-sheet'))

const drawerCode = piece(() => import('./drawer'))
const sessionDialog = piece(() => import('../features/accounts/session-dialog'))

/** What the next moments may need, and what must be there when the server is not. */
function preloadRest() {
  preloadMenus()
  for (const code of [drawerCode, sessionDialog]) code.preload()
}

/** What the sidebar shows is asked for together, so that nothing in it moves. Where it is a closed drawer, the page comes first. */
function askLists() {
  void queryClient.prefetchInfiniteQuery(conversations)
  void queryClient.prefetchInfiniteQuery(favorites)
  void queryClient.prefetchQuery(groups)
}

onLeave(forgetDrafts)
onLeave(forgetMarks)
onLeave(stopAllFollowing)
onLeave(endSelecting)

/** Whether there is a message field to skip to. */
const hasComposer = (pathname: string) => pathname === paths.newChat || pathname.startsWith('/c/')

/** The frame of a signed-in person: sidebar or drawer, the page beside it, and the search over both. */
export function Shell() {
  const t = useTranslate()
  const user = useMe()
  const navigate = useNavigate()
  const organise = useOrganise()
  const { pathname } = useLocation()
  const isPhone = useIsPhone()
  const sidebarOpen = usePreferences((state) => state.sidebarOpen)
  const [drawer, setDrawer] = useState(false)
  const [searching, setSearching] = useState(false)
  const [sheet, setSheet] = useState(false)
  const name = useQuery(instance).data?.name ?? ''
  const ended = useSessionEnded((state) => state.ended)
  openDrafts(user.id)
  openMarks(user.id)

  useEffect(() => (isPhone ? whenIdle(askLists) : askLists()), [isPhone])
  useEffect(() => whenIdle(preloadRest, 1_500), [])
  useEffect(() => follow(user.preferences), [user.preferences])

  useEffect(() => (ended ? undefined : beginWhenIdle(() => listenToNews(user.id, applyNews), 300)), [user.id, ended])

  const newChat = useCallback(() => {
    setDrawer(false)
    if (location.pathname === paths.newChat) document.getElementById('composer')?.focus()
    else navigate(paths.newChat)
  }, [navigate])

  useEffect(() => {
    addEventListener('keydown', runShortcut)
    return () => removeEventListener('keydown', runShortcut)
  }, [])

  useEffect(() => {
    const toggle = () => usePreferences.setState((state) => ({ sidebarOpen: !state.sidebarOpen }))
    return register([
      { id: 'new-chat', perform: newChat },
      { id: 'search', perform: () => setSearching(true) },
      { id: 'sidebar', perform: toggle },
      { id: 'drawer', perform: () => setDrawer(true) },
      { id: 'shortcuts', perform: () => setSheet(true) },
      { id: 'previous', perform: () => goBy(-1) },
      { id: 'next', perform: () => goBy(1) },
      { id: 'copy-answer', perform: () => void copyLastAnswer() },
      { id: 'copy-code', perform: () => void copyLastCode() },
    ])
  }, [newChat])

  // biome-ignore lint/correctness/useExhaustiveDependencies: going anywhere closes the drawer
  useEffect(() => setDrawer(false), [pathname])

  const openSearch = () => {
    setDrawer(false)
    setSearching(true)
  }
  const closeSearch = () => setSearching(false)
  const closeSheet = () => setSheet(false)
  const common = { name, onNewChat: newChat, onSearch: openSearch }

  return (
    <TooltipProvider>
      {hasComposer(pathname) ? (
        <a
          href="#composer"
          className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-70 focus:rounded-button focus:bg-elevated focus:px-4 focus:py-2 focus:shadow-md"
        >
          {t('app.skip')}
        </a>
      ) : null}
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
      <PhoneSidebar open={drawer && isPhone} onOpenChange={setDrawer}>
        <Sidebar {...common} onClose={() => setDrawer(false)} onGo={() => setDrawer(false)} />
      </PhoneSidebar>
      {searching ? (
        <OnDemand code={search} shows={(held) => <held.SearchDialog organise={organise} onClose={closeSearch} />} />
      ) : null}
      {sheet ? <OnDemand code={shortcuts} shows={(held) => <held.ShortcutSheet onClose={closeSheet} />} /> : null}
      <GroupQuestions />
      <Sharing />
      {ended ? <SessionEnded /> : null}
    </TooltipProvider>
  )
}

type PhoneSidebarProps = { open: boolean; onOpenChange: (open: boolean) => void; children: ReactNode }

/** Kept from its first opening on, so that it closes as gently as it opens. */
function PhoneSidebar(props: PhoneSidebarProps) {
  const [wanted, setWanted] = useState(false)
  if (props.open && !wanted) setWanted(true)
  return wanted ? <WantedSidebar {...props} /> : null
}

function WantedSidebar(props: PhoneSidebarProps) {
  const code = usePiece(drawerCode)
  return code ? <code.Drawer {...props} /> : null
}

function SessionEnded() {
  const code = usePiece(sessionDialog)
  return code ? <code.SessionDialog /> : null
}

/** What lies over the page, as soon as its code is there. */
function OnDemand<T>({ code, shows }: { code: Piece<T>; shows: (held: T) => ReactNode }) {
  const held = usePiece(code)
  return held ? shows(held) : null
}
