import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { conversations } from '../conversations/queries'
import type { CommandChoice, Group, PlaceChoice } from './choices'
import { type Organise, useCommandChoices, useOpenChoices, useSettingsChoices } from './commands'
import { matches } from './matches'
import { useModelChoices } from './models'
import { readQuery } from './prefix'
import { type SearchHit, search } from './queries'

/** So many commands stand above what else is found. */
const most = 5

type Found = { groups: Group[]; stale: boolean; failed: boolean }

/**
 * What there is for what was typed. `>` at its start asks for commands alone, `/` for settings, `@` for models; what begins
 * like these and names neither a page of the settings nor a model is looked for as it is: a path, somebody's name.
 */
export function useGroups(query: string, organise: Organise): Found {
  const t = useTranslate()
  const asked = readQuery(query)
  const isNamed = (one: CommandChoice) => matches(one.title, asked.words)
  const settings = useSettingsChoices().filter(isNamed)
  const models = useModelChoices().filter(isNamed)
  const alone = { settings, models, commands: [], all: [] }[asked.wanted]
  const isCommand = asked.wanted === 'commands'
  const words = isCommand || alone.length > 0 ? '' : query
  const { found, ...state } = useFound(words)
  const open = useOpenChoices(organise)
  const anywhere = useCommandChoices()

  const wanted = isCommand ? asked.words : query
  const ofOpen = open.filter((one) => matches(one.title, wanted))
  const ofAll = anywhere.filter((one) => matches(one.title, wanted))
  const room = words ? most : ofOpen.length + ofAll.length
  const commands = [
    { name: t('search.open'), choices: ofOpen.slice(0, room) },
    { name: t('search.commands'), choices: ofAll.slice(0, Math.max(0, room - ofOpen.length)) },
  ]
  if (alone.length > 0) {
    const name = asked.wanted === 'models' ? t('search.models') : t('settings.title')
    return { ...state, groups: [{ name, choices: alone }] }
  }
  // Before anything is typed, what was said lately comes first.
  const groups = isCommand ? commands : words ? [...commands, ...found] : [...found, ...commands]
  return { ...state, groups: groups.filter((group) => group.choices.length > 0) }
}

/** Conversations by title at once, and messages as soon as the server has answered. */
function useFound(words: string): { found: Group[]; stale: boolean; failed: boolean } {
  const t = useTranslate()
  const list = useInfiniteQuery(conversations)
  const settled = usePaced(words, 150)
  const told = useQuery(search(settled))
  const held = list.data?.pages.flatMap((page) => page.items) ?? []
  const lower = words.toLocaleLowerCase()

  const titles: PlaceChoice[] = (lower ? held.filter((one) => one.title.toLocaleLowerCase().includes(lower)) : held)
    .slice(0, lower ? 5 : 8)
    .map((one) => ({ id: `c${one.id}`, path: paths.chat(one.id), title: one.title, when: one.last_activity_at }))
  const hits = words && settled ? (told.data ?? []) : []
  const found = [
    { name: words ? t('search.titles') : t('search.recent'), choices: withTitles(titles, hits) },
    { name: t('search.messages'), choices: hits.filter(isInMessage).map(ofMessage) },
  ]
  return { found, stale: words !== '' && (settled !== words || told.isFetching), failed: told.isError }
}

const isInMessage = (hit: SearchHit) => hit.message_id !== null

const ofMessage = ({ conversation_id, message_id, title, timestamp, snippet }: SearchHit): PlaceChoice => ({
  id: `m${conversation_id}.${message_id}`,
  path: `${paths.chat(conversation_id)}#m${message_id}`,
  title,
  when: timestamp,
  snippet,
  isTold: true,
})

/** The titles that are held here, and below them those that the server alone has found. */
export function withTitles(titles: PlaceChoice[], hits: SearchHit[]): PlaceChoice[] {
  const shown = new Set(titles.map((one) => one.path))
  const others = hits
    .filter((hit) => !isInMessage(hit) && !shown.has(paths.chat(hit.conversation_id)))
    .map((hit) => ({
      id: `c${hit.conversation_id}`,
      path: paths.chat(hit.conversation_id),
      title: hit.title,
      when: hit.timestamp,
      isTold: true as const,
    }))
  return [...titles, ...others]
}

/** The value: at once when it begins to change, and every so many milliseconds while it goes on. */
function usePaced(value: string, ms: number): string {
  const [settled, setSettled] = useState(value)
  const next = useRef(0)
  useEffect(() => {
    const timer = setTimeout(
      () => {
        next.current = performance.now() + ms
        setSettled(value)
      },
      Math.max(0, next.current - performance.now()),
    )
    return () => clearTimeout(timer)
  }, [value, ms])
  return settled
}
