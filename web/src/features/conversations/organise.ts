/** Marks, groups, the archive and the trash, for one conversation or many: shown at once, taken back if it is refused. */
import { api, dataOf } from '../../lib/api'
import { queryClient } from '../../lib/query-client'
import type { components } from '../../lib/schema'
import { without } from './place'
import { conversation, heldConversation, hideHeld, readLists, shelve, trash } from './queries'
import type { Conversation } from './types'

type Marks = Partial<Pick<Conversation, 'favorite' | 'archived' | 'group_id'>>
type Body = components['schemas']['BulkChange']

/** What is done to conversations. */
export type Deed = Exclude<Body['action'], 'move'> | { move: number | null }

/** The server takes so many at once. */
const most = 100

function marksOf(deed: Deed): Marks {
  if (typeof deed === 'object') return { group_id: deed.move }
  return {
    archive: { archived: true },
    unarchive: { archived: false },
    favorite: { favorite: true },
    unfavorite: { favorite: false },
    delete: {},
    restore: {},
  }[deed]
}

/** What takes it back. */
export function opposites(deed: Deed, before: Conversation[]): [Deed, number[]][] {
  if (typeof deed === 'object') {
    const groups = new Set(before.map((one) => one.group_id))
    return [...groups].map((move) => [{ move }, before.filter((one) => one.group_id === move).map(({ id }) => id)])
  }
  const opposite = {
    archive: 'unarchive',
    unarchive: 'archive',
    favorite: 'unfavorite',
    unfavorite: 'favorite',
    delete: 'restore',
    restore: 'delete',
  } as const
  return [[opposite[deed], before.map(({ id }) => id)]]
}

function showDone(deed: Deed, held: Conversation[]) {
  for (const one of held) {
    if (deed === 'delete') hideHeld(one.id)
    else showAs({ ...one, ...marksOf(deed) })
  }
}

function showAs(one: Conversation) {
  queryClient.setQueryData(conversation(one.id).queryKey, (held) => held && one)
  shelve(one)
}

/** Takes back what the deed alone has changed: other news may have come meanwhile. */
function takeBack(deed: Deed, before: Conversation[]) {
  for (const one of before) {
    if (deed === 'restore') {
      hideHeld(one.id)
      continue
    }
    const was: Marks = {}
    for (const mark of Object.keys(marksOf(deed)) as (keyof Marks)[]) Object.assign(was, { [mark]: one[mark] })
    showAs({ ...one, ...heldConversation(one.id), ...was })
  }
}

/**
 * Does it to all of them, in sight at once. `held` is what is not held here: conversations of the trash.
 *
 * Answers with what takes it back.
 */
export async function organise(ids: number[], deed: Deed, held: Conversation[] = []): Promise<() => Promise<void>> {
  const before = ids.flatMap((id) => heldConversation(id) ?? held.find((one) => one.id === id) ?? [])
  // What is being read now knows nothing of it.
  await queryClient.cancelQueries({ queryKey: ['conversations'] })
  showDone(deed, before)
  const [action, group] = typeof deed === 'object' ? (['move', deed.move] as const) : ([deed, null] as const)
  const done: Conversation[] = []
  try {
    for (let at = 0; at < ids.length; at += most) {
      const some = ids.slice(at, at + most)
      const body: Body = { ids: some, action, ...(group === null ? {} : { group_id: group }) }
      const told = await dataOf(api.POST('/api/v1/conversations/bulk', { body }))
      if (deed === 'delete') for (const id of some) queryClient.removeQueries({ queryKey: conversation(id).queryKey })
      else for (const one of told) showAs(one)
      done.push(...before.filter(({ id }) => some.includes(id)))
    }
  } catch (error) {
    takeBack(
      deed,
      before.filter((one) => !done.includes(one)),
    )
    throw error
  } finally {
    void readLists()
  }
  return async () => {
    for (const [opposite, some] of opposites(deed, before)) await organise(some, opposite, before)
  }
}

/** Takes one out of the trash. */
export async function restore(one: Conversation) {
  await queryClient.cancelQueries({ queryKey: trash.queryKey })
  queryClient.setQueryData(trash.queryKey, (data) => data && without(data, one.id))
  await organise([one.id], 'restore', [one])
}
