import { PanelLeft, Search, SquarePen } from 'lucide-react'
import type { Ref } from 'react'
import { IconButton } from '../components/ui/icon-button'
import { AccountMenu } from '../features/accounts/account-menu'
import { shortcut } from '../lib/commands'
import { useTranslate } from '../lib/i18n'
import { paths } from '../lib/paths'
import { preloadPage } from './pages'

type RailProps = { toggle: Ref<HTMLButtonElement>; onOpen: () => void; onNewChat: () => void; onSearch: () => void }

/** What stands in place of a sidebar that is closed: what is wanted most, and the way to open it again. */
export function Rail({ toggle, onOpen, onNewChat, onSearch }: RailProps) {
  const t = useTranslate()
  const look = { size: 'icon-md', className: '[&_svg]:size-4.5!' } as const
  return (
    <nav
      aria-label={t('sidebar.label')}
      className="flex h-full w-14 shrink-0 flex-col items-center gap-1 border-border border-e bg-surface pb-2"
    >
      <img src="/favicon.svg" alt="" className="my-3.5 size-6" />
      <IconButton ref={toggle} label={t('sidebar.expand')} keys={shortcut('sidebar')} onClick={onOpen} {...look}>
        <PanelLeft />
      </IconButton>
      <IconButton label={t('sidebar.newChat')} keys={shortcut('new-chat')} onClick={onNewChat} {...look}>
        <SquarePen />
      </IconButton>
      <IconButton label={t('sidebar.search')} keys={shortcut('search')} onClick={onSearch} {...look}>
        <Search />
      </IconButton>
      <span className="mt-auto">
        <AccountMenu small onOpen={() => preloadPage(paths.settings())} />
      </span>
    </nav>
  )
}
