import { ChevronsUpDown, Keyboard, LogOut, Settings } from 'lucide-react'
import { useNavigate } from 'react-router'
import { Avatar } from '../../components/avatar'
import { buttonVariants } from '../../components/ui/button'
import {
  Menu,
  MenuContent,
  MenuItem,
  MenuLabel,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
  MenuTrigger,
} from '../../components/ui/menu'
import { Tooltip } from '../../components/ui/tooltip'
import { perform } from '../../lib/commands'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { type Theme, usePreferences } from '../../lib/preferences'
import { notifyError } from '../../lib/toast'
import { leave } from './leave'
import { chooseLook } from './looks'
import { displayName, useMe } from './queries'

const themes: Theme[] = ['system', 'light', 'dark']

type AccountMenuProps = {
  onGo?: () => void
  /** The settings may be wanted soon. */
  onOpen: () => void
  /** Only the picture of the person is shown. */
  small?: boolean
}

/** The person, their settings, the theme and the way out, at the foot of the sidebar. */
export function AccountMenu({ onGo, onOpen, small = false }: AccountMenuProps) {
  const t = useTranslate()
  const navigate = useNavigate()
  const user = useMe()
  const theme = usePreferences((state) => state.theme)
  const name = displayName(user)
  return (
    <Menu onOpenChange={(open) => open && onOpen()}>
      {small ? (
        <Tooltip text={name}>
          <MenuTrigger aria-label={name} className={buttonVariants({ variant: 'ghost', size: 'icon-md' })}>
            <Avatar name={name} />
          </MenuTrigger>
        </Tooltip>
      ) : (
        <MenuTrigger className="flex h-11 w-full items-center gap-2.5 rounded-button px-2 text-start hover:bg-user data-[state=open]:bg-user">
          <Avatar name={name} />
          <span className="min-w-0 flex-1 truncate font-medium">{name}</span>
          <ChevronsUpDown className="size-4 shrink-0 text-muted" />
        </MenuTrigger>
      )}
      <MenuContent side="top" align="start" className={small ? 'w-60' : 'w-(--radix-popper-anchor-width)'}>
        <MenuLabel className="truncate">{user.email}</MenuLabel>
        <MenuItem
          onSelect={() => {
            onGo?.()
            navigate(paths.settings())
          }}
        >
          <Settings />
          {t('account.settings')}
        </MenuItem>
        {/* The menu gives the focus back as it closes, so the sheet may only open after that. */}
        <MenuItem className="touch:hidden" onSelect={() => setTimeout(() => perform('shortcuts'))}>
          <Keyboard />
          {t('shortcuts.title')}
        </MenuItem>
        <MenuSeparator />
        <MenuLabel>{t('theme')}</MenuLabel>
        <MenuRadioGroup
          value={theme}
          onValueChange={(value) => void chooseLook({ theme: value as Theme })}
          aria-label={t('theme')}
        >
          {themes.map((one) => (
            <MenuRadioItem key={one} value={one} onSelect={(event) => event.preventDefault()}>
              {t(`theme.${one}`)}
            </MenuRadioItem>
          ))}
        </MenuRadioGroup>
        <MenuSeparator />
        <MenuItem onSelect={() => void leave().catch(notifyError)}>
          <LogOut />
          {t('account.signOut')}
        </MenuItem>
      </MenuContent>
    </Menu>
  )
}
