import { Menu as MenuIcon, SquarePen } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton } from '../../components/ui/icon-button'
import { perform } from '../../lib/commands'
import { useTranslate } from '../../lib/i18n'

type ChatHeaderProps = { title: ReactNode; picker: ReactNode; menu: ReactNode }

/** The bar above a conversation. On phones it also opens the drawer and starts a new chat. */
export function ChatHeader({ title, picker, menu }: ChatHeaderProps) {
  const t = useTranslate()
  return (
    <header className="z-10 flex h-13 shrink-0 items-center gap-1 px-2 md:px-3">
      <span className="md:hidden">
        <IconButton label={t('app.menu')} size="icon-md" onClick={() => perform('drawer')}>
          <MenuIcon />
        </IconButton>
      </span>
      {title}
      <span className="flex min-w-0 flex-1 items-center justify-end gap-1 max-md:justify-center">{picker}</span>
      {menu}
      <span className="md:hidden">
        <IconButton label={t('sidebar.newChat')} size="icon-md" onClick={() => perform('new-chat')}>
          <SquarePen />
        </IconButton>
      </span>
    </header>
  )
}
