import { QueryClientProvider } from '@tanstack/react-query'
import { useEffect } from 'react'
import { BrowserRouter, Navigate, Route, Routes, useNavigate } from 'react-router'
import { useAnnouncement } from '../lib/announce'
import { setGo } from '../lib/go'
import { piece, usePiece } from '../lib/piece'
import { queryClient } from '../lib/query-client'
import { useNotices } from '../lib/toast'
import { Crash } from './crash'
import { pages } from './pages'

const toaster = piece(() => import('../components/ui/toaster'))

/** Fetches what notices need before there is one. */
export const preloadNotices = toaster.preload

/** The whole app: its providers, its addresses, and what lies over every page. */
export function App() {
  return (
    <Crash>
      <QueryClientProvider client={queryClient}>
        <BrowserRouter>
          <Wiring />
          <Routes>
            <Route path="/login" element={<pages.SignIn />} />
            <Route path="/register" element={<pages.Register />} />
            <Route path="/reset" element={<pages.Reset />} />
            <Route path="/s/:token" element={<pages.Shared />} />
            <Route path="/invite/:token" element={<pages.Invite />} />
            <Route path="/chat" element={<Navigate to="/" replace />} />
            {pages.Components ? <Route path="/_ui" element={<pages.Components />} /> : null}
            <Route element={<pages.Person />}>
              <Route path="/" element={<pages.Chat />} />
              <Route path="/c/:id" element={<pages.Chat />} />
              <Route path="/plans" element={<pages.Plans />} />
              <Route path="/billing/return" element={<pages.BillingReturn />} />
              <Route path="/settings/:tab?" element={<pages.Settings />} />
              <Route path="*" element={<pages.NotFound />} />
            </Route>
          </Routes>
        </BrowserRouter>
        <Notices />
        <Announcements />
      </QueryClientProvider>
    </Crash>
  )
}

/** Connects what lives outside of components with the router. */
function Wiring() {
  const navigate = useNavigate()
  useEffect(() => setGo((path) => void navigate(path)), [navigate])
  return null
}

function Notices() {
  const wanted = useNotices((state) => state.wanted)
  return wanted ? <Toaster /> : null
}

function Toaster() {
  const code = usePiece(toaster)
  return code ? <code.Toaster /> : null
}

/** The one region that speaks. */
function Announcements() {
  const { text, times } = useAnnouncement()
  return (
    <p role="status" className="sr-only">
      <span key={times}>{text}</span>
    </p>
  )
}
