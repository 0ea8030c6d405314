import { QueryClientProvider } from '@tanstack/react-query'
import { lazy, Suspense, useEffect } from 'react'
import { BrowserRouter, Route, Routes, useNavigate } from 'react-router'
import { useAnnouncement } from '../lib/announce'
import { runShortcut } from '../lib/commands'
import { setGo } from '../lib/go'
import { queryClient } from '../lib/query-client'
import { useNotices } from '../lib/toast'
import { Crash } from './crash'
import { Frame } from './frame'
import { pages } from './pages'

const Toaster = lazy(() => import('../components/ui/toaster').then((module) => ({ default: module.Toaster })))

/** The whole app: its providers, its addresses, and what lies over every page. */
export function App() {
  return (
    <Crash>
      <QueryClientProvider client={queryClient}>
        <BrowserRouter>
          <Wiring />
          <Suspense fallback={<Frame />}>
            <Routes>
              <Route path="/login" element={<pages.SignIn />} />
              <Route path="/register" element={<pages.Register />} />
              <Route path="/reset" element={<pages.Reset />} />
              <Route path="/s/:token" element={<pages.Shared />} />
              <Route element={<pages.Person />}>
                <Route path="/" element={<pages.Chat />} />
                <Route path="/c/:id" element={<pages.Chat />} />
                <Route path="/settings/:tab?" element={<pages.Settings />} />
                <Route path="*" element={<pages.NotFound />} />
              </Route>
            </Routes>
          </Suspense>
        </BrowserRouter>
        <Notices />
        <Announcements />
      </QueryClientProvider>
    </Crash>
  )
}

/** Connects what lives outside of components with the router and the keyboard. */
function Wiring() {
  const navigate = useNavigate()
  useEffect(() => setGo((path) => void navigate(path)), [navigate])
  useEffect(() => {
    addEventListener('keydown', runShortcut)
    return () => removeEventListener('keydown', runShortcut)
  }, [])
  return null
}

function Notices() {
  const wanted = useNotices((state) => state.wanted)
  return wanted ? (
    <Suspense>
      <Toaster />
    </Suspense>
  ) : null
}

/** The one region that speaks. */
function Announcements() {
  const text = useAnnouncement((state) => state.text)
  return (
    <p role="status" className="sr-only">
      {text}
    </p>
  )
}
