import { useEffect, useRef, useState } from 'react'
import { usePreferences, within } from '../lib/preferences'
import { Rail } from './rail'
import { ResizeHandle } from './resize-handle'
import { Sidebar } from './sidebar'

type SideProps = {
  name: string
  /** The page has room for the sidebar beside it; else that slides over the page. */
  isWide: boolean
  onSlide: () => void
  onNewChat: () => void
  onSearch: () => void
}

/** What stands beside the page: the sidebar, as wide as the person likes it, or the rail. */
export function Side({ name, isWide, onSlide, onNewChat, onSearch }: SideProps) {
  const kept = usePreferences((state) => state.sidebarWidth)
  const isOpen = usePreferences((state) => state.sidebarOpen) && isWide
  const [dragged, setDragged] = useState<number>()
  const toggle = useRef<HTMLButtonElement>(null)
  const wasPressed = useRef(false)
  const width = dragged ?? within(kept)

  // The button that was pressed has gone; its counterpart has the focus then.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the one has taken the other's place
  useEffect(() => {
    if (wasPressed.current) toggle.current?.focus()
    wasPressed.current = false
  }, [isOpen])

  function open(sidebarOpen: boolean) {
    wasPressed.current = true
    usePreferences.setState({ sidebarOpen })
  }

  const common = { toggle, onNewChat, onSearch }
  if (!isOpen) return <Rail {...common} onOpen={() => (isWide ? open(true) : onSlide())} />
  return (
    <div className="shrink-0 border-border border-e" style={{ width }}>
      <Sidebar
        {...common}
        name={name}
        onClose={() => open(false)}
        edge={
          <ResizeHandle
            width={width}
            onDrag={setDragged}
            onChange={(sidebarWidth) => {
              setDragged(undefined)
              usePreferences.setState({ sidebarWidth })
            }}
          />
        }
      />
    </div>
  )
}
