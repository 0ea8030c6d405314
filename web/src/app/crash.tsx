import { Component, type ReactNode } from 'react'
import { EmptyState } from '../components/empty-state'
import { Button } from '../components/ui/button'
import { translate } from '../lib/i18n'

const reloadedKey = 'colloquy.reloaded-at'

/** A piece of the app that is gone from the server: a newer version is there, and one reload fetches it. */
const isMissingPiece = (error: Error) =>
  /dynamically imported module|Importing a module script|CSS/i.test(error.message)

/** Catches what breaks while drawing, so that a person sees a way on instead of a blank page. */
export class Crash extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  override componentDidCatch(error: Error) {
    const last = Number(sessionStorage.getItem(reloadedKey))
    if (!isMissingPiece(error) || Date.now() - last < 60_000) return
    sessionStorage.setItem(reloadedKey, String(Date.now()))
    location.reload()
  }

  override render() {
    if (!this.state.error) return this.props.children
    return (
      <main className="flex h-dvh">
        <EmptyState
          title={translate('app.crash.title')}
          text={translate('app.crash.text')}
          action={
            <Button variant="primary" onClick={() => location.reload()}>
              {translate('app.crash.reload')}
            </Button>
          }
        />
      </main>
    )
  }
}
