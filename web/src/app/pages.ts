import { lazy } from 'react'
import { preloadMarkdown } from '../components/markdown/answer-text'

const load = {
  SignIn: () => import('../routes/login'),
  Register: () => import('../routes/register'),
  Person: () => import('../routes/person'),
  Settings: () => import('../routes/settings'),
  NotFound: () => import('../routes/not-found'),
}

/** Every page is a piece of its own, loaded when its address is opened. */
export const pages = {
  SignIn: lazy(() => load.SignIn().then((route) => ({ default: route.Login }))),
  Register: lazy(() => load.Register().then((route) => ({ default: route.Register }))),
  Person: lazy(() => load.Person().then((route) => ({ default: route.Person }))),
  Chat: lazy(() => load.Person().then((route) => ({ default: route.Chat }))),
  Settings: lazy(() => load.Settings().then((route) => ({ default: route.Settings }))),
  NotFound: lazy(() => load.NotFound().then((route) => ({ default: route.NotFound }))),
}

/** Starts to load the page of an address before the app is drawn. */
export function preloadPage(pathname: string) {
  if (pathname === '/login') void load.SignIn()
  else if (pathname === '/register') void load.Register()
  else {
    void load.Person()
    if (pathname.startsWith('/c/')) preloadMarkdown()
  }
}
