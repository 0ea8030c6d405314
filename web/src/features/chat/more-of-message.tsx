import { Ellipsis } from 'lucide-react'
import { useState } from 'react'
import { buttonVariants } from '../../components/ui/button'
import { Menu, MenuContent, MenuTrigger } from '../../components/ui/menu'
import { useTranslate } from '../../lib/i18n'
import { piece, usePiece } from '../../lib/piece'
import { useAfterMenu } from '../conversations/after-menu'
import { beginNoting } from '../people/noting'
import type { Message } from './types'

const messageCode = piece(() => import('./on-demand'))

/** Fetches what the menus of messages hold before one is opened. */
export const preloadMessageMenus = messageCode.preload

/** A dialog about a message. */
export type AboutMessage = 'details' | 'delete'

/** What else can be done with a message. */
export function MoreOfMessage({ message, busy }: { message: Message; busy: boolean }) {
  const t = useTranslate()
  const afterMenu = useAfterMenu()
  const [about, setAbout] = useState<AboutMessage | null>(null)
  return (
    <>
      <Menu onOpenChange={(open) => open && messageCode.preload()}>
        <MenuTrigger
          data-control="more"
          aria-label={t(message.role === 'user' ? 'question.more' : 'answer.more')}
          className={buttonVariants({ variant: 'ghost', size: 'icon' })}
        >
          <Ellipsis />
        </MenuTrigger>
        <MenuContent align="start" onCloseAutoFocus={afterMenu.onCloseAutoFocus}>
          <Items
            message={message}
            busy={busy}
            onAbout={(what) => afterMenu.afterwards(() => setAbout(what))}
            onNote={() => afterMenu.focusBy(() => beginNoting(message.id))}
          />
        </MenuContent>
      </Menu>
      {about ? <About message={message} about={about} onClose={() => setAbout(null)} /> : null}
    </>
  )
}

function Items(props: { message: Message; busy: boolean; onAbout: (about: AboutMessage) => void; onNote: () => void }) {
  const code = usePiece(messageCode)
  return code ? <code.MessageItems {...props} /> : null
}

function About(props: { message: Message; about: AboutMessage; onClose: () => void }) {
  const code = usePiece(messageCode)
  return code ? <code.AboutMessageDialog {...props} /> : null
}
