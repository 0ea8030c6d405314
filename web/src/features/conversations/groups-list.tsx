import { useInfiniteQuery } from '@tanstack/react-query'
import { ChevronRight, Ellipsis, Pencil, Plus, Trash2 } from 'lucide-react'
import { useId } from 'react'
import { Delayed } from '../../components/delayed'
import { Button, buttonVariants } from '../../components/ui/button'
import { IconButton } from '../../components/ui/icon-button'
import { Menu, MenuContent, MenuItem, MenuTrigger } from '../../components/ui/menu'
import { useTranslate } from '../../lib/i18n'
import { cn } from '../../lib/utils'
import { useAfterMenu } from './after-menu'
import { askForGroup, askToDelete } from './ask-group'
import { ConversationItem } from './conversation-item'
import { useDrop } from './dragging'
import { byName, fold, type Group, renameGroup, unfold, useUnfolded } from './groups'
import { useUnread } from './marks'
import { favorites, listed, shelf } from './queries'
import { useSelection } from './selection'
import { TitleField, useNaming } from './title-field'

type Going = { onGo: (() => void) | undefined }

const heading = 'px-2 pt-4 pb-1 font-medium text-muted text-xs'

/** The favourites, if there are any. */
export function Favorites({ onGo }: Going) {
  const t = useTranslate()
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(favorites)
  const held = data?.pages.flatMap((page) => page.items) ?? []
  if (held.length === 0) return null
  return (
    <section aria-label={t('sidebar.favorites')}>
      <h2 className={heading}>{t('sidebar.favorites')}</h2>
      <ul>
        {held.map((one) => (
          <ConversationItem key={one.id} held={one} section="favorites" onGo={onGo} />
        ))}
      </ul>
      {hasNextPage ? <Older busy={isFetchingNextPage} onOlder={() => void fetchNextPage()} /> : null}
    </section>
  )
}

/** The groups, each to unfold, and the button that makes one. */
export function Groups({ held, onGo }: Going & { held: Group[] }) {
  const t = useTranslate()
  return (
    <section aria-label={t('sidebar.groups')}>
      <div className="flex items-end justify-between pe-0.5">
        <h2 className={heading}>{t('sidebar.groups')}</h2>
        <IconButton label={t('group.new')} className="size-7! touch:size-10!" onClick={() => askForGroup()}>
          <Plus />
        </IconButton>
      </div>
      <ul className="empty:hidden">
        {byName(held).map((group) => (
          <GroupSection key={group.id} group={group} onGo={onGo} />
        ))}
      </ul>
    </section>
  )
}

function GroupSection({ group, onGo }: Going & { group: Group }) {
  const t = useTranslate()
  const id = useId()
  const { naming, back, begin, close } = useNaming<HTMLButtonElement>()
  const isOpen = useUnfolded((state) => state.ids.has(group.id))
  const isSelecting = useSelection((state) => state.on)
  const { isOver, ...drop } = useDrop(group.id)
  const afterMenu = useAfterMenu()
  const { name } = group

  return (
    <li
      {...drop}
      aria-label={name}
      className={cn('rounded-button', isOver && 'outline-2 outline-accent -outline-offset-2 outline-dashed')}
    >
      {naming ? (
        <TitleField
          title={name}
          label={t('group.nameOf')}
          className="touch:h-11"
          onSave={(wanted) => void renameGroup(group.id, wanted)}
          onClose={close}
        />
      ) : (
        <div className="group/group relative">
          <h3>
            <button
              ref={back}
              type="button"
              aria-expanded={isOpen}
              aria-controls={id}
              onClick={() => (isOpen ? fold(group.id) : unfold(group.id))}
              onKeyDown={(event) => {
                if (event.key === 'F2') begin()
              }}
              className="flex h-(--row) touch:h-11 w-full items-center gap-1.5 rounded-button ps-1.5 pe-9 text-start text-fg-2 hover:bg-user"
            >
              <ChevronRight
                className={cn('size-4 shrink-0 stroke-[1.75] text-muted transition-transform', isOpen && 'rotate-90')}
              />
              <span className="min-w-0 flex-1 truncate">{name}</span>
              {isOpen ? null : <FoldedMark group={group.id} />}
            </button>
          </h3>
          {isSelecting ? null : (
            <Menu>
              <MenuTrigger
                aria-label={t('group.options', { name })}
                className={cn(
                  buttonVariants({ variant: 'ghost', size: 'icon' }),
                  'absolute end-0.5 top-1/2 size-7! max-h-(--row) touch:max-h-none -translate-y-1/2 touch:size-10! opacity-0 focus-visible:opacity-100 group-focus-within/group:opacity-100 group-hover/group:opacity-100 data-[state=open]:opacity-100 touch:opacity-100',
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
                <MenuItem onSelect={() => setTimeout(begin)}>
                  <Pencil />
                  {t('group.rename')}
                </MenuItem>
                <MenuItem danger onSelect={() => afterMenu.afterwards(() => askToDelete(group))}>
                  <Trash2 />
                  {t('group.delete')}
                </MenuItem>
              </MenuContent>
            </Menu>
          )}
        </div>
      )}
      <div id={id}>{isOpen ? <GroupItems group={group} onGo={onGo} /> : null}</div>
    </li>
  )
}

function GroupItems({ group, onGo }: Going & { group: Group }) {
  const t = useTranslate()
  const { data, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(shelf(group.id))
  const held = data?.pages.flatMap((page) => page.items) ?? []
  if (isPending)
    return (
      <Delayed>
        <div aria-hidden="true" className="skeleton my-2 ms-8 h-3.5 w-1/2" />
      </Delayed>
    )
  if (held.length === 0) return <p className="py-1.5 ps-7.5 pe-2 text-muted text-sm">{t('group.empty')}</p>
  return (
    <>
      <ul className="ps-5.5">
        {held.map((one) => (
          <ConversationItem key={one.id} held={one} section={`group${group.id}`} onGo={onGo} />
        ))}
      </ul>
      {hasNextPage ? <Older busy={isFetchingNextPage} onOlder={() => void fetchNextPage()} /> : null}
    </>
  )
}

/** What is hidden in a folded group and wants to be seen. */
function FoldedMark({ group }: { group: number }) {
  const t = useTranslate()
  const unread = useUnread((state) => state.unread)
  const inside = listed().filter((one) => one.group_id === group)
  const isRunning = inside.some((one) => one.running_turn_id !== null)
  if (!isRunning && !inside.some((one) => unread.has(one.id))) return null
  return (
    <span className={cn('shrink-0', isRunning ? 'stream-dot' : 'size-2 rounded-full bg-accent')}>
      <span className="sr-only">{t(isRunning ? 'sidebar.running' : 'sidebar.unread')}</span>
    </span>
  )
}

function Older({ busy, onOlder }: { busy: boolean; onOlder: () => void }) {
  const t = useTranslate()
  return (
    <Button size="sm" variant="ghost" loading={busy} onClick={onOlder}>
      {t('sidebar.more')}
    </Button>
  )
}
