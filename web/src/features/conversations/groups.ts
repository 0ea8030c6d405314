/** Groups: the person's own, by name. */
import { queryOptions } from '@tanstack/react-query'
import { create } from 'zustand'
import { api, dataOf, pageOf } from '../../lib/api'
import { currentLanguage } from '../../lib/i18n'
import { queryClient } from '../../lib/query-client'
import type { components } from '../../lib/schema'
import { store } from '../../lib/storage'
import { notifyError } from '../../lib/toast'
import { readLists } from './queries'

export type Group = components['schemas']['Group']

export const groups = queryOptions({
  queryKey: ['groups'],
  queryFn: async (): Promise<Group[]> => {
    const all: Group[] = []
    let cursor: string | null = null
    do {
      const query: { limit: number; cursor?: string } = { limit: 200, ...(cursor ? { cursor } : {}) }
      const { items, next } = await pageOf(api.GET('/api/v1/groups', { params: { query } }))
      all.push(...items)
      cursor = next
    } while (cursor)
    return all
  },
})

export function byName(held: Group[]): Group[] {
  const { compare } = new Intl.Collator(currentLanguage(), { numeric: true })
  return held.toSorted((one, other) => compare(one.name, other.name) || one.id - other.id)
}

async function changeHeld(change: (held: Group[]) => Group[]) {
  await queryClient.cancelQueries({ queryKey: groups.queryKey })
  queryClient.setQueryData(groups.queryKey, (held) => held && change(held))
}

export async function createGroup(name: string): Promise<Group> {
  const made = await dataOf(api.POST('/api/v1/groups', { body: { name } }))
  await changeHeld((held) => [...held.filter(({ id }) => id !== made.id), made])
  unfold(made.id)
  return made
}

/** Shown at once, and taken back if the server refuses it. */
async function change(shown: (held: Group[]) => Group[], send: () => Promise<unknown>) {
  const before = queryClient.getQueryData(groups.queryKey)
  await changeHeld(shown)
  try {
    await send()
  } catch (error) {
    queryClient.setQueryData(groups.queryKey, before)
    notifyError(error)
  } finally {
    void queryClient.invalidateQueries({ queryKey: groups.queryKey })
  }
}

export const renameGroup = (group: number, name: string) =>
  change(
    (held) => held.map((one) => (one.id === group ? { ...one, name } : one)),
    () => dataOf(api.PATCH('/api/v1/groups/{id}', { params: { path: { id: group } }, body: { name } })),
  )

/** They have changed elsewhere. What was in one that is gone is in none now. */
export async function readGroups() {
  const before = queryClient.getQueryData(groups.queryKey)
  await queryClient.invalidateQueries({ queryKey: groups.queryKey })
  const now = queryClient.getQueryData(groups.queryKey)
  if (before?.some(({ id }) => !now?.some((one) => one.id === id))) void readLists()
}

/** Its conversations stay, in no group. */
export async function deleteGroup(group: number) {
  await change(
    (held) => held.filter(({ id }) => id !== group),
    () => dataOf(api.DELETE('/api/v1/groups/{id}', { params: { path: { id: group } } })),
  )
  void readLists()
}

const name = 'colloquy.groups'

function unfolded(): number[] {
  try {
    const held: unknown = JSON.parse(localStorage.getItem(name) ?? '[]')
    return Array.isArray(held) ? held.filter(Number.isInteger) : []
  } catch {
    return []
  }
}

/** The groups that are unfolded on this device. */
export const useUnfolded = create<{ ids: ReadonlySet<number> }>(() => ({ ids: new Set(unfolded()) }))
useUnfolded.subscribe(({ ids }) => void store(name, JSON.stringify([...ids])))

export const unfold = (group: number) => useUnfolded.setState(({ ids }) => ({ ids: new Set([...ids, group]) }))

export const fold = (group: number) =>
  useUnfolded.setState(({ ids }) => ({ ids: new Set([...ids].filter((one) => one !== group)) }))
