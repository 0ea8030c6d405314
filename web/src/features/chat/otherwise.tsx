import { useQuery } from '@tanstack/react-query'
import { ChevronDown } from 'lucide-react'
import { buttonVariants } from '../../components/ui/button'
import { Menu, MenuContent, MenuItem, MenuLabel, MenuSeparator, MenuTrigger } from '../../components/ui/menu'
import { useTranslate } from '../../lib/i18n'
import { cn } from '../../lib/utils'
import { useAfterMenu } from '../conversations/after-menu'
import { canUse, models } from '../models/queries'
import { waitWithFocus } from './kept-focus'
import type { Again } from './live'
import { regenerate } from './send'
import { type Message, textOf } from './types'

const styles = ['longer', 'shorter'] as const

/** Asks for another version of the answer: longer, shorter, or of another model. */
export function Otherwise({ message, busy, failed }: { message: Message; busy: boolean; failed?: boolean }) {
  const t = useTranslate()
  const { data } = useQuery(models)
  const afterMenu = useAfterMenu()
  const usable = data?.filter((model) => canUse(model)) ?? []
  const others = usable.length < 2 ? [] : usable
  // Nothing is longer than an answer that is not there, and one that failed wants another model.
  const lengths = failed || textOf(message) === '' ? [] : styles
  if (others.length + lengths.length === 0) return null

  function ask(otherwise: Again) {
    afterMenu.focusBy(() => waitWithFocus(message))
    regenerate(message, otherwise)
  }

  return (
    <Menu>
      <MenuTrigger
        disabled={busy}
        aria-label={failed ? undefined : t('chat.otherwise')}
        className={
          failed
            ? buttonVariants({ variant: 'outline', size: 'sm' })
            : cn(buttonVariants({ variant: 'ghost', size: 'icon' }), 'w-6! touch:w-8!')
        }
      >
        {failed ? t('chat.failed.otherModel') : null}
        <ChevronDown />
      </MenuTrigger>
      <MenuContent align="start" onCloseAutoFocus={afterMenu.onCloseAutoFocus}>
        {lengths.map((style) => (
          <MenuItem key={style} onSelect={() => ask({ style })}>
            {t(`chat.${style}`)}
          </MenuItem>
        ))}
        {lengths.length > 0 && others.length > 0 ? <MenuSeparator /> : null}
        {others.length > 0 ? <MenuLabel>{t('chat.otherModel')}</MenuLabel> : null}
        {others.map((model) => (
          <MenuItem key={model.id} onSelect={() => ask({ model: model.id })}>
            {model.name}
          </MenuItem>
        ))}
      </MenuContent>
    </Menu>
  )
}
