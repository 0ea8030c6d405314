import { Download, Ellipsis, FileText, Trash2 } from 'lucide-react'
import { buttonVariants } from '../../components/ui/button'
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from '../../components/ui/menu'
import { focusComposer } from '../../lib/focus'
import { http } from '../../lib/http'
import { useTranslate } from '../../lib/i18n'
import { useAfterMenu } from './after-menu'
import { askForGroup } from './ask-group'
import { OrganiseItems } from './organise-items'
import type { Conversation } from './types'
import { useOrganise } from './use-organise'

/** What else can be done with the conversation that is open. */
export function ConversationMenu({ held }: { held: Conversation }) {
  const t = useTranslate()
  const organise = useOrganise()
  const afterMenu = useAfterMenu()
  const exported = (format: string) => `/api/v1/conversations/${held.id}/export.${format}`
  return (
    // An export is a plain link, which cannot renew a session that has run out meanwhile: that is done as the menu opens.
    <Menu onOpenChange={(open) => open && void http('/api/v1/auth/me').catch(() => undefined)}>
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
        <MenuItem asChild>
          <a href={exported('md')} download>
            <FileText />
            {t('conversation.exportMarkdown')}
          </a>
        </MenuItem>
        <MenuItem asChild>
          <a href={exported('json')} download>
            <Download />
            {t('conversation.exportJson')}
          </a>
        </MenuItem>
        <MenuSeparator />
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
      </MenuContent>
    </Menu>
  )
}
