import { Ellipsis, Pencil, Trash2 } from 'lucide-react'
import { memo, useRef, useState } from 'react'
import { NavLink } from 'react-router'
import { buttonVariants } from '../../components/ui/button'
import { Menu, MenuContent, MenuItem, MenuTrigger } from '../../components/ui/menu'
import { focusComposer } from '../../lib/focus'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { cn } from '../../lib/utils'
import { useUnread } from './marks'
import { useChangeConversation } from './queries'
import { TitleField } from './title-field'
import type { Conversation } from './types'
import { useDelete } from './use-delete'

/** One conversation in the sidebar: a link, its mark and its menu. */
export const ConversationItem = memo(function ConversationItem({
  held,
  onGo,
}: {
  held: Conversation
  onGo?: () => void
}) {
  const t = useTranslate()
  const [naming, setNaming] = useState(false)
  const unread = useUnread((state) => state.unread.has(held.id))
  const change = useChangeConversation(held.id)
  const remove = useDelete()
  const removed = useRef(false)
  const title = held.title || t('conversation.untitled')

  if (naming)
    return (
      <li>
        <TitleField
          title={held.title}
          className="touch:h-11"
          onSave={(wanted) => change.mutate({ title: wanted })}
          onClose={() => setNaming(false)}
        />
      </li>
    )

  return (
    <li className="group/item relative">
      <NavLink
        to={paths.chat(held.id)}
        onClick={onGo}
        onDoubleClick={() => setNaming(true)}
        onKeyDown={(event) => {
          if (event.key === 'F2') setNaming(true)
        }}
        className="flex h-8 touch:h-11 items-center gap-2 rounded-button ps-2 pe-9 text-fg-2 hover:bg-user aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent-text"
      >
        <span className="min-w-0 flex-1 truncate">{title}</span>
        {held.running_turn_id ? <Mark label={t('sidebar.running')} className="stream-dot" /> : null}
        {unread && !held.running_turn_id ? (
          <Mark label={t('sidebar.unread')} className="size-2 rounded-full bg-accent" />
        ) : null}
      </NavLink>
      <Menu>
        <MenuTrigger
          aria-label={t('sidebar.options', { title })}
          className={cn(
            buttonVariants({ variant: 'ghost', size: 'icon' }),
            'absolute end-0.5 top-0.5 size-7! opacity-0 focus-visible:opacity-100 group-focus-within/item:opacity-100 group-hover/item:opacity-100 data-[state=open]:opacity-100 touch:opacity-100',
          )}
        >
          <Ellipsis />
        </MenuTrigger>
        <MenuContent
          align="start"
          onCloseAutoFocus={(event) => {
            if (naming || removed.current) event.preventDefault()
            if (removed.current) focusComposer()
            removed.current = false
          }}
        >
          {/* The menu gives the focus back as it closes, so the field may only appear after that. */}
          <MenuItem onSelect={() => setTimeout(() => setNaming(true))}>
            <Pencil />
            {t('conversation.rename')}
          </MenuItem>
          <MenuItem
            danger
            onSelect={() => {
              removed.current = true
              remove(held)
            }}
          >
            <Trash2 />
            {t('conversation.delete')}
          </MenuItem>
        </MenuContent>
      </Menu>
    </li>
  )
})

function Mark({ label, className }: { label: string; className: string }) {
  return (
    <span className={cn('shrink-0', className)}>
      <span className="sr-only">{label}</span>
    </span>
  )
}
