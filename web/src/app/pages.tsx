import { type ComponentType, useDeferredValue } from 'react'
import { preloadMarkdown } from '../components/markdown/answer-text'
import { type Piece, piece, usePiece } from '../lib/piece'
import { Frame } from './frame'

const login = piece(() => import('../routes/login'))
const register = piece(() => import('../routes/register'))
const reset = piece(() => import('../routes/reset'))
const shared = piece(() => import('../routes/shared'))
const invite = piece(() => import('../routes/invite'))
const person = piece(() => import('../routes/person'))
const settings = piece(() => import('../routes/settings'))
const plans = piece(() => import('../routes/plans'))
const billingReturn = piece(() => import('../routes/billing-return'))
const notFound = piece(() => import('../routes/not-found'))
const components = import.meta.env.VITE_COMPONENTS ? piece(() => import('../routes/components')) : null

type PageProps<T> = { code: Piece<T>; shows: (code: T) => ComponentType }

/**
 * A page that may be the first: the frame stands in its place, and not a moment longer than its code takes. What comes
 * after it is drawn in slices.
 */
function Page<T>({ code, shows }: PageProps<T>) {
  const held = useDeferredValue(usePiece(code))
  const Shown = held && shows(held)
  return Shown ? <Shown /> : <Frame />
}

/** A page inside the shell: its room stays empty for the moment that its code takes. */
function Later<T>({ code, shows }: PageProps<T>) {
  const held = usePiece(code)
  const Shown = held && shows(held)
  return Shown ? <Shown /> : null
}

/** Every page is a piece of its own, loaded when its address is opened. */
export const pages = {
  SignIn: () => <Page code={login} shows={(route) => route.Login} />,
  Register: () => <Page code={register} shows={(route) => route.Register} />,
  Reset: () => <Page code={reset} shows={(route) => route.Reset} />,
  Shared: () => <Page code={shared} shows={(route) => route.Shared} />,
  Invite: () => <Page code={invite} shows={(route) => route.Invite} />,
  Person: () => <Page code={person} shows={(route) => route.Person} />,
  Chat: () => <Page code={person} shows={(route) => route.Chat} />,
  Settings: () => <Later code={settings} shows={(route) => route.Settings} />,
  Plans: () => <Later code={plans} shows={(route) => route.Plans} />,
  BillingReturn: () => <Later code={billingReturn} shows={(route) => route.BillingReturn} />,
  /** Every component in its states: development builds alone have it. */
  Components: components ? () => <Later code={components} shows={(route) => route.Components} /> : null,
  NotFound: () => <Later code={notFound} shows={(route) => route.NotFound} />,
}

/** Starts to load the page of an address before the app is drawn. */
export function preloadPage(pathname: string) {
  if (pathname === '/login') login.preload()
  else if (pathname === '/register') register.preload()
  else if (pathname === '/reset') reset.preload()
  else if (pathname.startsWith('/s/')) {
    shared.preload()
    preloadMarkdown()
  } else if (pathname.startsWith('/invite/')) invite.preload()
  else {
    person.preload()
    if (pathname.startsWith('/settings')) settings.preload()
    if (pathname.startsWith('/c/')) preloadMarkdown()
  }
}
