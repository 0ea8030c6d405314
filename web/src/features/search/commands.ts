import { useQuery } from '@tanstack/react-query'
import { useLocation, useNavigate } from 'react-router'
import { languages, themes } from '../../components/choice'
import { perform, shortcut, useCommands } from '../../lib/commands'
import { download } from '../../lib/download'
import { focusComposer, keepFocus } from '../../lib/focus'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import type { Language } from '../../lib/preferences'
import { notifyError } from '../../lib/toast'
import { useIsPhone } from '../../lib/use-media'
import { leave } from '../accounts/leave'
import { chooseLook } from '../accounts/looks'
import type { Deed } from '../conversations/organise'
import { conversation } from '../conversations/queries'
import type { Conversation } from '../conversations/types'
import { askForPeople } from '../people/people'
import { tabs } from '../settings/tabs'
import type { CommandChoice } from './choices'

/** Does something to conversations, in sight at once. */
export type Organise = (held: Conversation[], deed: Deed) => void

/** What can be done from anywhere. */
export function useCommandChoices(): CommandChoice[] {
  const t = useTranslate()
  const navigate = useNavigate()
  const isPhone = useIsPhone()
  const settings = useSettingsChoices()
  const ofMatter = (matter: string, name: string) => t('search.choice', { matter, name })
  const goTo = (path: string) => ({ act: () => void navigate(path), takesFocus: true })

  return [
    {
      id: 'new-chat',
      title: t('sidebar.newChat'),
      keys: shortcut('new-chat'),
      act: () => void perform('new-chat'),
      takesFocus: true,
    },
    {
      id: 'sidebar',
      title: t('shortcuts.sidebar'),
      keys: shortcut('sidebar'),
      act: () => {
        perform(isPhone ? 'drawer' : 'sidebar')
        keepFocus()
      },
    },
    { id: 'settings', title: t('settings.title'), ...goTo(paths.settings()) },
    ...settings.map((one) => ({ ...one, title: ofMatter(t('settings.title'), one.title) })),
    { id: 'archive-list', title: t('search.archive'), ...goTo(paths.archive) },
    { id: 'trash', title: t('search.trash'), ...goTo(paths.trash) },
    ...themes.map((theme) => ({
      id: `theme-${theme}`,
      title: ofMatter(t('theme'), t(`theme.${theme}`)),
      act: () => void chooseLook({ theme }),
    })),
    ...(Object.keys(languages) as Language[]).map((language) => ({
      id: `language-${language}`,
      title: ofMatter(t('language'), languages[language]),
      act: () => void chooseLook({ language }),
    })),
    {
      id: 'shortcuts',
      title: t('shortcuts.title'),
      keys: shortcut('shortcuts'),
      act: () => void perform('shortcuts'),
    },
    { id: 'sign-out', title: t('account.signOut'), act: () => void leave().catch(notifyError) },
  ]
}

/** The pages of the settings. */
export function useSettingsChoices(): CommandChoice[] {
  const t = useTranslate()
  const navigate = useNavigate()
  return tabs.map(({ name, label }) => ({
    id: `settings-${name}`,
    title: t(label),
    act: () => void navigate(paths.settings(name)),
    takesFocus: true,
  }))
}

/** What can be done to the conversation that is open. */
export function useOpenChoices(organise: Organise): CommandChoice[] {
  const t = useTranslate()
  const isPhone = useIsPhone()
  const { pathname } = useLocation()
  const id = Number(/^\/c\/(\d+)$/.exec(pathname)?.[1] ?? 0)
  const { data: held } = useQuery({ ...conversation(id), enabled: id > 0 })
  const commands = useCommands((state) => state.commands)
  // What needs something on the page is offered where that is. On phones the title has no room for a field.
  const isThere = (wanted: string) => commands.some((one) => one.id === wanted) && !(wanted === 'rename' && isPhone)

  const isOwner = held?.role === 'owner'

  const onPage: CommandChoice[] = [
    {
      id: 'model',
      title: t('shortcuts.model'),
      keys: shortcut('model'),
      act: () => void perform('model'),
    },
    {
      id: 'copy-answer',
      title: t('shortcuts.copyAnswer'),
      keys: shortcut('copy-answer'),
      act: () => void perform('copy-answer'),
    },
    {
      id: 'copy-code',
      title: t('shortcuts.copyCode'),
      keys: shortcut('copy-code'),
      act: () => void perform('copy-code'),
    },
    {
      id: 'rename',
      title: t('conversation.rename'),
      act: () => void perform('rename'),
      takesFocus: true,
    },
    { id: 'share', title: t('share.menu'), act: () => void perform('share') },
  ]
  const there = onPage.filter((one) => isThere(one.id))
  if (!id || !held) return there

  const does = (deed: Deed) => () => organise([held], deed)
  return [
    ...there,
    held.favorite
      ? { id: 'unfavorite', title: t('conversation.unfavorite'), act: does('unfavorite') }
      : { id: 'favorite', title: t('conversation.favorite'), act: does('favorite') },
    held.archived
      ? { id: 'unarchive', title: t('conversation.unarchive'), act: does('unarchive') }
      : { id: 'archive', title: t('conversation.archive'), act: does('archive') },
    {
      id: 'export-md',
      title: t('conversation.exportMarkdown'),
      act: () => void download(paths.exported(id, 'md')),
    },
    {
      id: 'export-json',
      title: t('conversation.exportJson'),
      act: () => void download(paths.exported(id, 'json')),
    },
    isOwner
      ? {
          id: 'delete',
          title: t('conversation.delete'),
          act: () => {
            focusComposer()
            organise([held], 'delete')
          },
          takesFocus: true,
        }
      : { id: 'leave', title: t('people.leaveMenu'), act: () => askForPeople(held, true) },
    { id: 'people', title: t('people.menu'), act: () => askForPeople(held) },
  ]
}
