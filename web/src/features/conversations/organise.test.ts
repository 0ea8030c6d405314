import { InfiniteQueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { queryClient } from '../../lib/query-client'
import { groups, renameGroup } from './groups'
import { opposites, organise } from './organise'
import type { Page } from './place'
import { conversation, patchHeld, shelf, trash } from './queries'
import type { Shelf } from './shelves'
import { talk } from './test-talk'
import type { Conversation } from './types'

const talks = [talk({ id: 3, group_id: 7 }), talk({ id: 2 }), talk({ id: 1, favorite: true })]
let asked: Sent[] = []

function hold(name: Shelf, items: Conversation[]) {
  const pages: Page[] = [{ items, next: null }]
  queryClient.setQueryData(shelf(name).queryKey, { pages, pageParams: [null] })
}
const ids = (name: Shelf) =>
  queryClient.getQueryData(shelf(name).queryKey)?.pages.flatMap(({ items }) => items.map(({ id }) => id))

type Sent = { ids: number[]; action: string; group_id?: number }

/** The server does what it is asked, or says no. */
function answer(serve: (sent: Sent) => unknown, opened: Promise<void> = Promise.resolve()) {
  vi.stubGlobal('fetch', async (request: Request) => {
    const sent: Sent = request.method === 'GET' ? null : await request.json()
    if (sent) asked.push(sent)
    await opened
    const told = sent && serve(sent)
    return Response.json(told ?? { title: 'No' }, { status: told ? 200 : 500 })
  })
}

beforeEach(() => {
  hold('list', talks)
  hold('favorites', [talks[2] as Conversation])
  hold('archive', [])
  hold(7, [talks[0] as Conversation])
  hold(8, [])
})

afterEach(() => {
  queryClient.clear()
  vi.unstubAllGlobals()
  asked = []
})

test('it is in sight before the server has answered', async () => {
  let come: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    come = resolve
  })
  answer(({ ids: some }) => some.map((id) => talk({ id, archived: true })), opened)
  const done = organise([3, 2], 'archive')
  await vi.waitFor(() => expect(ids('archive')).toEqual([3, 2]))
  expect(ids('list')).toEqual([1])
  expect(ids(7)).toEqual([])
  come()
  await done
  expect(ids('archive')).toEqual([3, 2])
})

test('a list whose first reading began before the change is read again', async () => {
  let come: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    come = resolve
  })
  const reads: ((items: Conversation[]) => void)[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    if (request.method === 'GET') return new Promise((resolve) => reads.push((items) => resolve(Response.json(items))))
    await opened
    return Response.json([talk({ id: 2, group_id: 9 })])
  })
  const done = organise([2], { move: 9 })
  await vi.waitFor(() => expect(ids('list')).toEqual([3, 2, 1]))
  const stop = new InfiniteQueryObserver(queryClient, shelf(9)).subscribe(() => {})
  await vi.waitFor(() => expect(reads).toHaveLength(1))
  come()
  await done
  await vi.waitFor(() => expect(reads).toHaveLength(2))
  reads[0]?.([])
  reads[1]?.([talk({ id: 2, group_id: 9 })])
  await vi.waitFor(() => expect(ids(9)).toEqual([2]))
  stop()
})

test('what is refused is taken back, and nothing else', async () => {
  answer(() => {
    patchHeld(3, { title: 'Meanwhile' })
    return null
  })
  await expect(organise([3, 1], { move: 8 })).rejects.toThrow()
  expect(ids(7)).toEqual([3])
  expect(ids(8)).toEqual([])
  expect(queryClient.getQueryData(shelf('list').queryKey)?.pages[0]?.items[0]?.title).toBe('Meanwhile')
})

test('a refused deletion leaves every list as it was', async () => {
  answer(() => null)
  await expect(organise([3, 1], 'delete')).rejects.toThrow()
  expect(ids('list')).toEqual([3, 2, 1])
  expect(ids('favorites')).toEqual([1])
  expect(ids(7)).toEqual([3])
})

test('more than the server takes go in parts, and parts that are done stay done', async () => {
  const many = Array.from({ length: 150 }, (_, index) => talk({ id: 1_000 - index }))
  hold('list', many)
  answer(({ ids: some }) => (some.length === 100 ? some.map((id) => talk({ id, favorite: true })) : null))
  await expect(
    organise(
      many.map(({ id }) => id),
      'favorite',
    ),
  ).rejects.toThrow()
  expect(asked.map(({ ids: some }) => some.length)).toEqual([100, 50])
  expect(ids('favorites')?.length).toBe(101)
})

test('taking back goes to where each one was', async () => {
  answer(({ ids: some, group_id = null }) => some.map((id) => talk({ id, favorite: id === 1, group_id })))
  const undo = await organise([3, 2], { move: 8 })
  expect(ids(8)).toEqual([3, 2])
  await undo()
  expect(ids(8)).toEqual([])
  expect(ids(7)).toEqual([3])
  expect(asked.slice(1)).toEqual([
    { ids: [3], action: 'move', group_id: 7 },
    { ids: [2], action: 'move' },
  ])
})

test('what was deleted comes back to every list', async () => {
  answer(({ ids: some }) => talks.filter(({ id }) => some.includes(id)))
  const undo = await organise([3, 1], 'delete')
  expect(ids('list')).toEqual([2])
  await undo()
  expect(ids('list')).toEqual([3, 2, 1])
  expect(ids('favorites')).toEqual([1])
  expect(ids(7)).toEqual([3])
})

test('every deed has its opposite', () => {
  expect(opposites('archive', talks)).toEqual([['unarchive', [3, 2, 1]]])
  expect(opposites({ move: 8 }, talks)).toEqual([
    [{ move: 7 }, [3]],
    [{ move: null }, [2, 1]],
  ])
})

test('news of what is in the trash put nothing into the list', () => {
  hold('list', [])
  hold('favorites', [])
  hold(7, [])
  queryClient.setQueryData(trash.queryKey, { pages: [{ items: talks, next: null }], pageParams: [null] })
  queryClient.setQueryData(conversation(3).queryKey, talk({ id: 3 }))
  patchHeld(3, { running_turn_id: null })
  expect(ids('list')).toEqual([])
})

test('a name that is refused goes back to the old one', async () => {
  const group = { id: 7, name: 'Work', conversation_count: 0, created_at: '', updated_at: '' }
  queryClient.setQueryData(groups.queryKey, [group])
  let come: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    come = resolve
  })
  answer(() => null, opened)
  const renamed = renameGroup(7, 'Home')
  await vi.waitFor(() => expect(queryClient.getQueryData(groups.queryKey)?.[0]?.name).toBe('Home'))
  come()
  await renamed
  expect(queryClient.getQueryData(groups.queryKey)?.[0]?.name).toBe('Work')
})
