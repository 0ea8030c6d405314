import { Ellipsis, GitFork } from 'lucide-react'
import { useRef } from 'react'
import { buttonVariants } from '../../components/ui/button'
import { Menu, MenuContent, MenuItem, MenuTrigger } from '../../components/ui/menu'
import { go } from '../../lib/go'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { notifyError } from '../../lib/toast'
import { fork } from './fork'
import type { Message } from './types'

/** What else can be done with an answer. */
export function MoreOfAnswer({ message }: { message: Message }) {
  const t = useTranslate()
  const forking = useRef(false)

  async function goOnElsewhere() {
    if (forking.current) return
    forking.current = true
    try {
      go(paths.chat(await fork(message)))
    } catch (error) {
      notifyError(error)
    } finally {
      forking.current = false
    }
  }

  return (
    <Menu>
      <MenuTrigger aria-label={t('answer.more')} className={buttonVariants({ variant: 'ghost', size: 'icon' })}>
        <Ellipsis />
      </MenuTrigger>
      <MenuContent align="start">
        <MenuItem onSelect={() => void goOnElsewhere()}>
          <GitFork />
          {t('answer.fork')}
        </MenuItem>
      </MenuContent>
    </Menu>
  )
}
