import { useQuery } from '@tanstack/react-query'
import { Archive, ArchiveRestore, FolderInput, Plus, Star, StarOff } from 'lucide-react'
import {
  MenuItem,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
  MenuSub,
  MenuSubContent,
  MenuSubTrigger,
} from '../../components/ui/menu'
import { useTranslate } from '../../lib/i18n'
import { byName, groups } from './groups'
import type { Deed } from './organise'
import type { Conversation } from './types'

type OrganiseItemsProps = { held: Conversation; onDeed: (deed: Deed) => void; onNewGroup: () => void }

/** What a menu offers to put a conversation in its place. */
export function OrganiseItems({ held, onDeed, onNewGroup }: OrganiseItemsProps) {
  const t = useTranslate()
  return (
    <>
      <MenuItem onSelect={() => onDeed(held.favorite ? 'unfavorite' : 'favorite')}>
        {held.favorite ? <StarOff /> : <Star />}
        {t(held.favorite ? 'conversation.unfavorite' : 'conversation.favorite')}
      </MenuItem>
      <MenuSub>
        <MenuSubTrigger>
          <FolderInput />
          {t('conversation.move')}
        </MenuSubTrigger>
        <MenuSubContent>
          <GroupItems value={held.group_id} onMove={(move) => onDeed({ move })} onNewGroup={onNewGroup} />
        </MenuSubContent>
      </MenuSub>
      <MenuItem onSelect={() => onDeed(held.archived ? 'unarchive' : 'archive')}>
        {held.archived ? <ArchiveRestore /> : <Archive />}
        {t(held.archived ? 'conversation.unarchive' : 'conversation.archive')}
      </MenuItem>
    </>
  )
}

type GroupItemsProps = {
  /** The group that they are in now; undefined if that is not one. */
  value: number | null | undefined
  onMove: (group: number | null) => void
  onNewGroup: () => void
}

/** The groups to choose from. */
export function GroupItems({ value, onMove, onNewGroup }: GroupItemsProps) {
  const t = useTranslate()
  const held = byName(useQuery(groups).data ?? [])
  return (
    <>
      <MenuRadioGroup value={String(value)}>
        {held.map(({ id, name }) => (
          <MenuRadioItem key={id} value={String(id)} onSelect={() => id !== value && onMove(id)}>
            <span className="truncate">{name}</span>
          </MenuRadioItem>
        ))}
        {value === null ? null : (
          <MenuRadioItem value="null" onSelect={() => onMove(null)}>
            {t('conversation.noGroup')}
          </MenuRadioItem>
        )}
      </MenuRadioGroup>
      {held.length > 0 || value !== null ? <MenuSeparator /> : null}
      <MenuItem onSelect={onNewGroup}>
        <Plus />
        {t('group.newMenu')}
      </MenuItem>
    </>
  )
}
