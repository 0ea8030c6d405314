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
import { People } from '../features/people/people'
import { register, runShortcut } from '../lib/commands'
import { useSessionEnded } from '../lib/http'
import { listenToNews } from '../lib/news/listen'
import { paths } from '../lib/paths'
import { type Piece, piece, usePiece } from '../lib/piece'
import { usePreferences } from '../lib/preferences'
import { queryClient } from '../lib/query-client'
import { isTouch, useIsPhone, useIsWide } from '../lib/use-media'
import { beginWhenIdle, whenIdle } from '../lib/when-idle'
import { Side } from './side'
import { Sidebar } from './sidebar'
import { SkipLinks } from './skip-links'

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

/** The frame of a signed-in person: sidebar, rail or drawer, the page beside it, and the search over both. */
export function Shell() {
  const user = useMe()
  const navigate = useNavigate()
  const organise = useOrganise()
  const { pathname } = useLocation()
  const isPhone = useIsPhone()
  const isWide = useIsWide()
  const [drawer, setDrawer] = useState(false)
  const [searching, setSearching] = useState(false)
  const [sheet, setSheet] = useState(false)
  const name = useQuery(instance).data?.name ?? ''
  const ended = useSessionEnded((state) => state.ended)
  openDrafts(user.id)
  openMarks(user.id)

  useEffect(() => (isWide ? askLists() : whenIdle(askLists)), [isWide])
  useEffect(() => whenIdle(preloadRest, 1_500), [])
  useEdgeSwipe(!isWide && !drawer, setDrawer)
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
    const toggle = () => {
      if (isWide) usePreferences.setState((state) => ({ sidebarOpen: !state.sidebarOpen }))
      else setDrawer((open) => !open)
    }
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
  }, [newChat, isWide])

  // biome-ignore lint/correctness/useExhaustiveDependencies: going anywhere closes the drawer
  useEffect(() => setDrawer(false), [pathname, isWide])

  const openSearch = () => {
    setDrawer(false)
    setSearching(true)
  }
  const closeSearch = () => setSearching(false)
  const closeSheet = () => setSheet(false)
  const common = { name, onNewChat: newChat, onSearch: openSearch }

  return (
    <TooltipProvider>
      <SkipLinks pathname={pathname} />
      <div className="flex h-dvh">
        {isPhone ? null : <Side {...common} isWide={isWide} onSlide={() => setDrawer(true)} />}
        <main className="flex min-w-0 flex-1 flex-col">
          <Outlet />
        </main>
      </div>
      <SlidingSidebar open={drawer && !isWide} onOpenChange={setDrawer}>
        <Sidebar {...common} onClose={() => setDrawer(false)} onGo={() => setDrawer(false)} />
      </SlidingSidebar>
      {searching ? (
        <OnDemand code={search} shows={(held) => <held.SearchDialog organise={organise} onClose={closeSearch} />} />
      ) : null}
      {sheet ? <OnDemand code={shortcuts} shows={(held) => <held.ShortcutSheet onClose={closeSheet} />} /> : null}
      <GroupQuestions />
      <Sharing />
      <People />
      {ended ? <SessionEnded /> : null}
    </TooltipProvider>
  )
}

type SlidingSidebarProps = { open: boolean; onOpenChange: (open: boolean) => void; children: ReactNode }

/** Kept from its first opening on, so that it closes as gently as it opens. */
function SlidingSidebar(props: SlidingSidebarProps) {
  const [wanted, setWanted] = useState(false)
  if (props.open && !wanted) setWanted(true)
  return wanted ? <WantedSidebar {...props} /> : null
}

/** Opens the drawer for a finger from the edge. What hears it comes when all is quiet, with the drawer itself. */
function useEdgeSwipe(wanted: boolean, setDrawer: (open: boolean) => void) {
  useEffect(() => {
    if (!wanted || !isTouch()) return
    return beginWhenIdle(() => {
      let end: (() => void) | undefined
      let isOver = false
      void drawerCode.load().then(
        ({ watchEdge }) => {
          if (!isOver) end = watchEdge(() => setDrawer(true))
        },
        () => undefined,
      )
      return () => {
        isOver = true
        end?.()
      }
    }, 3_000)
  }, [wanted, setDrawer])
}

function WantedSidebar(props: SlidingSidebarProps) {
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
