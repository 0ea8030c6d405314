import { Check, Ellipsis, Link2, ListChecks, LogOut, Pencil, Trash2 } from 'lucide-react'
import { memo } from 'react'
import { NavLink } from 'react-router'
import { buttonVariants } from '../../components/ui/button'
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from '../../components/ui/menu'
import { focusComposer } from '../../lib/focus'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { cn } from '../../lib/utils'
import { askForPeople, preloadPeople } from '../people/people'
import { focusConversation, useAfterMenu } from './after-menu'
import { askForGroup } from './ask-group'
import { drag } from './dragging'
import { useUnread } from './marks'
import type { Deed } from './organise'
import { OrganiseItems } from './organise-items'
import { useChangeConversation } from './queries'
import { mayWrite } from './role'
import { beginSelecting, choose, useSelection } from './selection'
import { rowsIn } from './selection-rows'
import { askToShare, preloadSharing } from './sharing'
import { TitleField, useNaming } from './title-field'
import type { Conversation } from './types'
import { useOrganise } from './use-organise'

type ConversationItemProps = {
  held: Conversation
  /** Where in the sidebar it stands. */
  section: string
  onGo?: (() => void) | undefined
}

/** One conversation in the sidebar: a link, its mark and its menu, or something to select. */
export const ConversationItem = memo(function ConversationItem(props: ConversationItemProps) {
  const isSelecting = useSelection((state) => state.on)
  return isSelecting ? <Selectable {...props} /> : <Item {...props} />
})

function Selectable({ held, section }: ConversationItemProps) {
  const t = useTranslate()
  const isSelected = useSelection((state) => state.ids.has(held.id))
  const row = { key: `${section}:${held.id}`, id: held.id }
  return (
    <li
      draggable
      onDragStart={(event) => drag(event, held.id)}
      className="group/check relative flex h-(--row) touch:h-11 items-center gap-2.5 rounded-button px-2 text-fg-2 hover:bg-user has-checked:bg-accent-soft has-checked:text-accent-text has-focus-visible:outline-2 has-focus-visible:outline-ring"
    >
      <input
        type="checkbox"
        data-row={row.key}
        aria-label={held.title || t('conversation.untitled')}
        checked={isSelected}
        onChange={(event) => {
          const isRange = event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey
          choose(row, isRange ? rowsIn(event.target) : undefined)
        }}
        className="absolute inset-0 size-full cursor-pointer opacity-0"
      />
      <span
        aria-hidden="true"
        className="grid size-4 shrink-0 place-items-center rounded-[4px] border border-control bg-elevated text-accent-fg group-has-checked/check:border-accent group-has-checked/check:bg-accent"
      >
        {isSelected ? <Check className="size-3 stroke-[3]" /> : null}
      </span>
      <span className="min-w-0 flex-1 truncate">{held.title || t('conversation.untitled')}</span>
    </li>
  )
}

function Item({ held, onGo }: ConversationItemProps) {
  const t = useTranslate()
  const { naming, back, begin, close } = useNaming<HTMLAnchorElement>()
  const unread = useUnread((state) => state.unread.has(held.id))
  const change = useChangeConversation(held.id)
  const organise = useOrganise()
  const afterMenu = useAfterMenu()
  const title = held.title || t('conversation.untitled')
  const rename = mayWrite(held.role) ? begin : undefined

  function perform(deed: Deed) {
    const isGone = deed === 'delete' || deed === 'archive'
    afterMenu.focusBy(isGone ? focusComposer : () => focusConversation(held.id))
    organise([held], deed)
  }

  if (naming)
    return (
      <li>
        <TitleField
          title={held.title}
          className="touch:h-11"
          onSave={(wanted) => change.mutate({ title: wanted })}
          onClose={close}
        />
      </li>
    )

  return (
    <li className="group/item relative">
      <NavLink
        ref={back}
        to={paths.chat(held.id)}
        onClick={onGo}
        onDragStart={(event) => drag(event, held.id)}
        onDoubleClick={rename}
        onKeyDown={(event) => {
          if (event.key === 'F2') rename?.()
        }}
        className="flex h-(--row) touch:h-11 items-center gap-2 rounded-button ps-2 pe-9 text-fg-2 hover:bg-user aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent-text"
      >
        <span className="min-w-0 flex-1 truncate">{title}</span>
        {held.running_turn_id ? <Mark label={t('sidebar.running')} className="stream-dot" /> : null}
        {unread && !held.running_turn_id ? (
          <Mark label={t('sidebar.unread')} className="size-2 rounded-full bg-accent" />
        ) : null}
      </NavLink>
      <Menu onOpenChange={(open) => open && prepare(held)}>
        <MenuTrigger
          aria-label={t('sidebar.options', { title })}
          className={cn(
            buttonVariants({ variant: 'ghost', size: 'icon' }),
            'absolute end-0.5 top-1/2 size-7! max-h-(--row) -translate-y-1/2 opacity-0 focus-visible:opacity-100 group-focus-within/item:opacity-100 group-hover/item:opacity-100 data-[state=open]:opacity-100 touch:opacity-100',
          )}
        >
          <Ellipsis />
        </MenuTrigger>
        <MenuContent
          align="start"
          onCloseAutoFocus={(event) => {
            if (naming) event.preventDefault()
            else afterMenu.onCloseAutoFocus(event)
          }}
        >
          {/* The menu gives the focus back as it closes, so the field may only appear after that. */}
          {rename ? (
            <MenuItem onSelect={() => setTimeout(rename)}>
              <Pencil />
              {t('conversation.rename')}
            </MenuItem>
          ) : null}
          <OrganiseItems
            held={held}
            onDeed={perform}
            onNewGroup={() => afterMenu.afterwards(() => askForGroup([held]))}
          />
          {held.role === 'owner' ? (
            <MenuItem onSelect={() => afterMenu.afterwards(() => askToShare(held))}>
              <Link2 />
              {t('share.menu')}
            </MenuItem>
          ) : null}
          <MenuItem
            onSelect={() => {
              afterMenu.focusBy(() => focusConversation(held.id))
              beginSelecting(held.id)
            }}
          >
            <ListChecks />
            {t('select.this')}
          </MenuItem>
          <MenuSeparator />
          {held.role === 'owner' ? (
            <MenuItem danger onSelect={() => perform('delete')}>
              <Trash2 />
              {t('conversation.delete')}
            </MenuItem>
          ) : (
            <MenuItem danger onSelect={() => afterMenu.afterwards(() => askForPeople(held, true))}>
              <LogOut />
              {t('people.leaveMenu')}
            </MenuItem>
          )}
        </MenuContent>
      </Menu>
    </li>
  )
}

/** What the menu may ask for. */
function prepare({ role }: Conversation) {
  if (role === 'owner') preloadSharing()
  else preloadPeople()
}

function Mark({ label, className }: { label: string; className: string }) {
  return (
    <span className={cn('shrink-0', className)}>
      <span className="sr-only">{label}</span>
    </span>
  )
}
