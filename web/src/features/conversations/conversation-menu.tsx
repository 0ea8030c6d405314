import { Download, Ellipsis, FileText, Link2, LogOut, TextSearch, Trash2, Users } from 'lucide-react'
import { useEffect } from 'react'
import { buttonVariants } from '../../components/ui/button'
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from '../../components/ui/menu'
import { perform, register, useCommands } from '../../lib/commands'
import { focusComposer } from '../../lib/focus'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { queryClient } from '../../lib/query-client'
import { askForPeople, preloadPeople } from '../people/people'
import { useAfterMenu } from './after-menu'
import { askForGroup } from './ask-group'
import { OrganiseItems } from './organise-items'
import { share } from './share'
import { askToShare, preloadSharing } from './sharing'
import type { Conversation } from './types'
import { useOrganise } from './use-organise'

/** As the menu opens: what the dialog will show. An export is a plain link, for which this renews a session that has run out. */
function prepare({ id, role }: Conversation) {
  preloadSharing()
  preloadPeople()
  if (role === 'owner') void queryClient.prefetchQuery(share(id))
}

/** What else can be done with the conversation that is open. */
export function ConversationMenu({ held }: { held: Conversation }) {
  const t = useTranslate()
  const organise = useOrganise()
  const afterMenu = useAfterMenu()
  const isOwner = held.role === 'owner'
  const canFind = useCommands((state) => state.commands.some(({ id }) => id === 'find'))
  useEffect(() => (isOwner ? register([{ id: 'share', perform: () => askToShare(held) }]) : undefined), [isOwner, held])
  return (
    <Menu onOpenChange={(open) => open && prepare(held)}>
      <MenuTrigger aria-label={t('conversation.more')} className={buttonVariants({ variant: 'ghost', size: 'icon' })}>
        <Ellipsis />
      </MenuTrigger>
      <MenuContent align="end" onCloseAutoFocus={afterMenu.onCloseAutoFocus}>
        <OrganiseItems
          held={held}
          onDeed={(deed) => organise([held], deed)}
          onNewGroup={() => afterMenu.afterwards(() => askForGroup([held]))}
        />
        <MenuSeparator />
        {canFind ? (
          <MenuItem onSelect={() => afterMenu.afterwards(() => perform('find'))}>
            <TextSearch />
            {t('find.label')}
          </MenuItem>
        ) : null}
        <MenuItem onSelect={() => afterMenu.afterwards(() => askForPeople(held))}>
          <Users />
          {t('people.menu')}
        </MenuItem>
        {isOwner ? (
          <MenuItem onSelect={() => afterMenu.afterwards(() => askToShare(held))}>
            <Link2 />
            {t('share.menu')}
          </MenuItem>
        ) : null}
        <MenuItem asChild>
          <a href={paths.exported(held.id, 'md')} download>
            <FileText />
            {t('conversation.exportMarkdown')}
          </a>
        </MenuItem>
        <MenuItem asChild>
          <a href={paths.exported(held.id, 'json')} download>
            <Download />
            {t('conversation.exportJson')}
          </a>
        </MenuItem>
        <MenuSeparator />
        {isOwner ? (
          <MenuItem
            danger
            onSelect={() => {
              afterMenu.focusBy(focusComposer)
              organise([held], 'delete')
            }}
          >
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
  )
}
