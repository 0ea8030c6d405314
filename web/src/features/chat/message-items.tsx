import { FileText, GitFork, Info, StickyNote, Trash2, Volume2, VolumeX } from 'lucide-react'
import { useEffect } from 'react'
import { MenuItem, MenuSeparator } from '../../components/ui/menu'
import { copyText } from '../../lib/clipboard'
import { go } from '../../lib/go'
import { translate, useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { piece } from '../../lib/piece'
import { notify, notifyError } from '../../lib/toast'
import { fork } from './fork'
import type { AboutMessage } from './more-of-message'
import { readAloud, stopReading, useCanRead, useIsRead } from './read-aloud'
import { useStanding } from './standing'
import { type Message, textOf } from './types'

const plain = piece(() => import('../../components/markdown/plain-text'))

type MessageItemsProps = { message: Message; busy: boolean; onAbout: (about: AboutMessage) => void; onNote: () => void }

/** What the menu of a message holds. */
export function MessageItems({ message, busy, onAbout, onNote }: MessageItemsProps) {
  const t = useTranslate()
  const isAnswer = message.role === 'assistant'
  const text = textOf(message)
  const { writes, notes } = useStanding()
  const canRead = useCanRead()
  const isRead = useIsRead(message.id)
  // A browser lets a page copy only right after a key or a click: what that takes should be there by then.
  useEffect(plain.preload, [])
  return (
    <>
      {isAnswer && text ? (
        <MenuItem onSelect={() => void copyPlain(text)}>
          <FileText />
          {t('message.copyPlain')}
        </MenuItem>
      ) : null}
      {isAnswer && text && canRead ? (
        <MenuItem onSelect={() => (isRead ? stopReading() : void read(message, text))}>
          {isRead ? <VolumeX /> : <Volume2 />}
          {t(isRead ? 'answer.readNoMore' : 'answer.read')}
        </MenuItem>
      ) : null}
      {isAnswer ? (
        <MenuItem onSelect={() => void goOnElsewhere(message)}>
          <GitFork />
          {t('answer.fork')}
        </MenuItem>
      ) : null}
      {notes ? (
        <MenuItem onSelect={onNote}>
          <StickyNote />
          {t('note.add')}
        </MenuItem>
      ) : null}
      <MenuItem onSelect={() => onAbout('details')}>
        <Info />
        {t('chat.details')}
      </MenuItem>
      {writes ? (
        <>
          <MenuSeparator />
          <MenuItem danger disabled={busy} onSelect={() => onAbout('delete')}>
            <Trash2 />
            {t('conversation.delete')}
          </MenuItem>
        </>
      ) : null}
    </>
  )
}

async function copyPlain(text: string) {
  try {
    const { plainText } = await plain.load()
    const done = await copyText(plainText(text))
    notify(translate(done ? 'chat.copied' : 'chat.copyFailed'), done ? {} : { kind: 'error' })
  } catch (error) {
    notifyError(error)
  }
}

async function read(message: Message, text: string) {
  try {
    const { plainText } = await plain.load()
    readAloud(message, plainText(text))
  } catch (error) {
    notifyError(error)
  }
}

let forking = false

async function goOnElsewhere(message: Message) {
  if (forking) return
  forking = true
  try {
    go(paths.chat(await fork(message)))
  } catch (error) {
    notifyError(error)
  } finally {
    forking = false
  }
}
