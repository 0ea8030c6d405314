import { ListChecks, PanelLeft, Search, SquarePen } from 'lucide-react'
import { type ReactNode, type Ref, useRef } from 'react'
import { Button } from '../components/ui/button'
import { IconButton } from '../components/ui/icon-button'
import { AccountMenu } from '../features/accounts/account-menu'
import { ConversationList } from '../features/conversations/conversation-list'
import { onDemand } from '../features/conversations/pieces'
import { beginSelecting, endSelecting, useSelection } from '../features/conversations/selection'
import { UsageFoot } from '../features/usage/usage-foot'
import { shortcut } from '../lib/commands'
import { useTranslate } from '../lib/i18n'
import { paths } from '../lib/paths'
import { usePiece } from '../lib/piece'
import { preloadPage } from './pages'

type SidebarProps = {
  name: string
  onNewChat: () => void
  onSearch: () => void
  onClose: () => void
  /** The button that closes it. */
  toggle?: Ref<HTMLButtonElement>
  /** What it is made wider by. */
  edge?: ReactNode
  onGo?: () => void
}

/** Conversations, search and the account. The same content stands at the side and in the drawer. */
export function Sidebar({ name, onNewChat, onSearch, onClose, toggle, edge, onGo }: SidebarProps) {
  const t = useTranslate()
  const going = onGo ? { onGo } : {}
  const isSelecting = useSelection((state) => state.on)
  const selecting = useRef<HTMLButtonElement>(null)

  function stopSelecting() {
    selecting.current?.focus()
    endSelecting()
  }

  return (
    <nav
      aria-label={t('sidebar.label')}
      className="relative flex h-full flex-col bg-surface"
      onKeyDown={(event) => {
        if (!isSelecting || event.key !== 'Escape' || event.defaultPrevented) return
        event.preventDefault()
        stopSelecting()
      }}
    >
      <div className="flex h-13 shrink-0 items-center gap-2.5 ps-4 pe-2">
        <img src="/favicon.svg" alt="" className="size-6" />
        <span className="min-w-0 flex-1 truncate font-semibold">{name}</span>
        <IconButton
          ref={selecting}
          label={t('select.begin')}
          aria-pressed={isSelecting}
          className="aria-pressed:bg-accent-soft aria-pressed:text-accent-text"
          onClick={() => (isSelecting ? endSelecting() : beginSelecting())}
        >
          <ListChecks />
        </IconButton>
        <IconButton ref={toggle} label={t('sidebar.collapse')} keys={shortcut('sidebar')} onClick={onClose}>
          <PanelLeft />
        </IconButton>
      </div>
      {isSelecting ? (
        <SelectionBar onDone={stopSelecting} />
      ) : (
        <div className="flex flex-col gap-0.5 px-2 pb-2">
          <Row label={t('sidebar.newChat')} keys={shortcut('new-chat')} icon={<SquarePen />} onClick={onNewChat} />
          <Row label={t('sidebar.search')} keys={shortcut('search')} icon={<Search />} onClick={onSearch} />
        </div>
      )}
      <div className="scroll-area min-h-0 flex-1 ps-2 pb-4">
        <ConversationList {...going} />
      </div>
      <div className="border-border border-t p-2 pb-[max(8px,env(safe-area-inset-bottom))]">
        <UsageFoot {...going} />
        <AccountMenu {...going} onOpen={() => preloadPage(paths.settings())} />
      </div>
      {edge}
    </nav>
  )
}

function SelectionBar({ onDone }: { onDone: () => void }) {
  const code = usePiece(onDemand)
  return <div className="h-20.5 touch:h-24.5 px-2 pb-2">{code ? <code.SelectionBar onDone={onDone} /> : null}</div>
}

function Row({ label, keys, icon, onClick }: { label: string; keys: string; icon: ReactNode; onClick: () => void }) {
  return (
    <Button variant="ghost" onClick={onClick} className="group/row w-full justify-start! px-2! font-normal!">
      {icon}
      <span className="flex-1 text-start">{label}</span>
      <span
        aria-hidden="true"
        className="font-sans text-muted text-xs opacity-0 group-hover/row:opacity-100 group-focus-visible/row:opacity-100 touch:hidden"
      >
        {keys}
      </span>
    </Button>
  )
}
