import { Archive, FolderInput, Trash2 } from 'lucide-react'
import { useEffect } from 'react'
import { Button, buttonVariants } from '../../components/ui/button'
import { IconButton } from '../../components/ui/icon-button'
import { Menu, MenuContent, MenuTrigger } from '../../components/ui/menu'
import { Tooltip } from '../../components/ui/tooltip'
import { announce } from '../../lib/announce'
import { useTranslate } from '../../lib/i18n'
import { useAfterMenu } from './after-menu'
import { askForGroup } from './ask-group'
import type { Deed } from './organise'
import { GroupItems } from './organise-items'
import { heldConversation } from './queries'
import { chooseAll, endSelecting, useSelection } from './selection'
import { rowsIn } from './selection-rows'
import { useOrganise } from './use-organise'

/** What can be done with the conversations that are selected. */
export function SelectionBar({ onDone }: { onDone: () => void }) {
  const t = useTranslate()
  const ids = useSelection((state) => state.ids)
  const organise = useOrganise()
  const afterMenu = useAfterMenu()
  const held = [...ids].flatMap((id) => heldConversation(id) ?? [])
  const count = held.length
  const words = t('select.count', { count })
  useEffect(() => announce(words), [words])

  function perform(deed: Deed) {
    organise(held, deed)
    onDone()
  }

  const group = held[0]?.group_id
  const isOneGroup = held.every((one) => one.group_id === group)
  return (
    // biome-ignore lint/a11y/useSemanticElements: it is not a part of a form
    <div role="group" aria-label={words} className="flex flex-col gap-0.5">
      <div className="flex h-9 touch:h-11 items-center gap-1">
        <Button size="sm" variant="ghost" className="px-2!" onClick={(event) => chooseAll(rowsIn(event.currentTarget))}>
          {t('select.all')}
        </Button>
        <span className="flex-1" />
        <IconButton label={t('conversation.archive')} disabled={count === 0} onClick={() => perform('archive')}>
          <Archive />
        </IconButton>
        <Menu>
          <Tooltip text={t('conversation.move')}>
            <MenuTrigger
              aria-label={t('conversation.move')}
              disabled={count === 0}
              className={buttonVariants({ variant: 'ghost', size: 'icon' })}
            >
              <FolderInput />
            </MenuTrigger>
          </Tooltip>
          <MenuContent align="end" className="max-w-64" onCloseAutoFocus={afterMenu.onCloseAutoFocus}>
            <GroupItems
              value={isOneGroup ? group : undefined}
              onMove={(move) => {
                afterMenu.focusBy(() => undefined)
                perform({ move })
              }}
              onNewGroup={() =>
                afterMenu.afterwards(() => {
                  askForGroup(held)
                  endSelecting()
                })
              }
            />
          </MenuContent>
        </Menu>
        <IconButton
          label={t('conversation.delete')}
          disabled={count === 0}
          className="text-danger! hover:bg-danger-soft"
          onClick={() => perform('delete')}
        >
          <Trash2 />
        </IconButton>
      </div>
      <div className="flex h-9 touch:h-11 items-center justify-between ps-2">
        <span className="nums font-medium">{words}</span>
        <Button size="sm" variant="ghost" onClick={onDone}>
          {t('select.done')}
        </Button>
      </div>
    </div>
  )
}
