import { useQuery } from '@tanstack/react-query'
import {
  Archive,
  ArchiveRestore,
  Code,
  Copy,
  Cpu,
  Download,
  FileText,
  Keyboard,
  Languages,
  Link2,
  LogOut,
  Monitor,
  Moon,
  PanelLeft,
  Pencil,
  Settings,
  SquarePen,
  Star,
  StarOff,
  Sun,
  Trash2,
} from 'lucide-react'
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
import { useOrganise } from '../conversations/use-organise'
import { tabs } from '../settings/tabs'
import type { CommandChoice } from './choices'

const themeIcons = { system: Monitor, light: Sun, dark: Moon }

/** What can be done from anywhere. */
export function useCommandChoices(): CommandChoice[] {
  const t = useTranslate()
  const navigate = useNavigate()
  const isPhone = useIsPhone()
  const goTo = (path: string) => ({ act: () => void navigate(path), takesFocus: true })

  return [
    {
      id: 'new-chat',
      title: t('sidebar.newChat'),
      icon: SquarePen,
      keys: shortcut('new-chat'),
      act: () => void perform('new-chat'),
      takesFocus: true,
    },
    {
      id: 'sidebar',
      title: t('shortcuts.sidebar'),
      icon: PanelLeft,
      keys: shortcut('sidebar'),
      act: () => {
        perform(isPhone ? 'drawer' : 'sidebar')
        keepFocus()
      },
    },
    { id: 'settings', title: t('settings.title'), icon: Settings, ...goTo(paths.settings()) },
    ...tabs.map(({ name, label }) => ({
      id: `settings-${name}`,
      title: t('search.settings', { name: t(label) }),
      icon: Settings,
      ...goTo(paths.settings(name)),
    })),
    { id: 'archive-list', title: t('search.archive'), icon: Archive, ...goTo(paths.archive) },
    { id: 'trash', title: t('search.trash'), icon: Trash2, ...goTo(paths.trash) },
    ...themes.map((theme) => ({
      id: `theme-${theme}`,
      title: t('search.theme', { name: t(`theme.${theme}`) }),
      icon: themeIcons[theme],
      act: () => void chooseLook({ theme }),
    })),
    ...(Object.keys(languages) as Language[]).map((language) => ({
      id: `language-${language}`,
      title: t('search.language', { name: languages[language] }),
      icon: Languages,
      act: () => void chooseLook({ language }),
    })),
    {
      id: 'shortcuts',
      title: t('shortcuts.title'),
      icon: Keyboard,
      keys: shortcut('shortcuts'),
      act: () => void perform('shortcuts'),
    },
    { id: 'sign-out', title: t('account.signOut'), icon: LogOut, act: () => void leave().catch(notifyError) },
  ]
}

/** What can be done to the conversation that is open. */
export function useOpenChoices(): CommandChoice[] {
  const t = useTranslate()
  const isPhone = useIsPhone()
  const { pathname } = useLocation()
  const id = Number(/^\/c\/(\d+)$/.exec(pathname)?.[1] ?? 0)
  const { data: held } = useQuery({ ...conversation(id), enabled: id > 0 })
  const organise = useOrganise()
  const commands = useCommands((state) => state.commands)
  // What needs something on the page is offered where that is. On phones the title has no room for a field.
  const isThere = (wanted: string) => commands.some((one) => one.id === wanted) && !(wanted === 'rename' && isPhone)

  const onPage: CommandChoice[] = [
    {
      id: 'model',
      title: t('shortcuts.model'),
      icon: Cpu,
      keys: shortcut('model'),
      act: () => void perform('model'),
    },
    {
      id: 'copy-answer',
      title: t('shortcuts.copyAnswer'),
      icon: Copy,
      keys: shortcut('copy-answer'),
      act: () => void perform('copy-answer'),
    },
    {
      id: 'copy-code',
      title: t('shortcuts.copyCode'),
      icon: Code,
      keys: shortcut('copy-code'),
      act: () => void perform('copy-code'),
    },
    {
      id: 'rename',
      title: t('conversation.rename'),
      icon: Pencil,
      act: () => void perform('rename'),
      takesFocus: true,
    },
    { id: 'share', title: t('share.menu'), icon: Link2, act: () => void perform('share') },
  ]
  const there = onPage.filter((one) => isThere(one.id))
  if (!id || !held) return there

  const does = (deed: Deed) => () => organise([held], deed)
  return [
    ...there,
    held.favorite
      ? { id: 'unfavorite', title: t('conversation.unfavorite'), icon: StarOff, act: does('unfavorite') }
      : { id: 'favorite', title: t('conversation.favorite'), icon: Star, act: does('favorite') },
    held.archived
      ? { id: 'unarchive', title: t('conversation.unarchive'), icon: ArchiveRestore, act: does('unarchive') }
      : { id: 'archive', title: t('conversation.archive'), icon: Archive, act: does('archive') },
    {
      id: 'export-md',
      title: t('conversation.exportMarkdown'),
      icon: FileText,
      act: () => void download(paths.exported(id, 'md')),
    },
    {
      id: 'export-json',
      title: t('conversation.exportJson'),
      icon: Download,
      act: () => void download(paths.exported(id, 'json')),
    },
    {
      id: 'delete',
      title: t('conversation.delete'),
      icon: Trash2,
      act: () => {
        focusComposer()
        organise([held], 'delete')
      },
      takesFocus: true,
    },
  ]
}
