import { queryOptions } from '@tanstack/react-query'
import { api, dataOf, pageOf } from '../../lib/api'
import { queryClient } from '../../lib/query-client'
import { randomKey } from '../../lib/random-key'
import { holdNotes } from './heard'
import type { GivenRole, Invitation, Member, Note } from './types'

const of = (id: number) => ({ path: { id } })

/** Who sees a conversation, the owner first. */
export const members = (id: number) =>
  queryOptions({
    queryKey: ['members', id],
    queryFn: () => dataOf(api.GET('/api/v1/conversations/{id}/members', { params: of(id) })),
    staleTime: 60_000,
  })

/** The invitations to a conversation that somebody can still use. */
export const invitations = (id: number) =>
  queryOptions({
    queryKey: ['invitations', id],
    queryFn: () => dataOf(api.GET('/api/v1/conversations/{id}/invitations', { params: of(id) })),
    staleTime: 0,
  })

const holdMembers = (id: number, change: (held: Member[]) => Member[]) =>
  queryClient.setQueryData(members(id).queryKey, (held) => held && change(held))

/** Makes somebody something else, in sight at once. */
export async function giveRole(id: number, user_id: number, role: GivenRole) {
  holdMembers(id, (held) => held.map((one) => (one.user_id === user_id ? { ...one, role } : one)))
  try {
    const params = { path: { id, user_id } }
    await dataOf(api.PATCH('/api/v1/conversations/{id}/members/{user_id}', { params, body: { role } }))
  } finally {
    await queryClient.invalidateQueries(members(id))
  }
}

/** From here on somebody, who may be oneself, sees it no more. */
export async function putOut(id: number, user_id: number) {
  await dataOf(api.DELETE('/api/v1/conversations/{id}/members/{user_id}', { params: { path: { id, user_id } } }))
  holdMembers(id, (held) => held.filter((one) => one.user_id !== user_id))
}

type NewInvitation = { role: GivenRole; email?: string; expires_in_days: number }

export async function invite(id: number, body: NewInvitation): Promise<Invitation> {
  const made = await dataOf(api.POST('/api/v1/conversations/{id}/invitations', { params: of(id), body }))
  void queryClient.invalidateQueries(invitations(id))
  return made
}

export async function withdraw(id: number, invitation_id: number) {
  const params = { path: { id, invitation_id } }
  await dataOf(api.DELETE('/api/v1/conversations/{id}/invitations/{invitation_id}', { params }))
  await queryClient.invalidateQueries(invitations(id))
}

type NotePage = { items: Note[]; next: string | null }

/** What members have written beside a conversation, the oldest first. */
export const notes = (id: number) =>
  queryOptions({
    queryKey: ['notes', id],
    queryFn: async () => {
      const all: Note[] = []
      let cursor: string | null = null
      do {
        const query = { limit: 200, ...(cursor ? { cursor } : {}) }
        const params = { ...of(id), query }
        const page: NotePage = await pageOf(api.GET('/api/v1/conversations/{id}/notes', { params }))
        all.push(...page.items)
        cursor = page.next
      } while (cursor)
      return all
    },
    staleTime: 60_000,
  })

export async function addNote(id: number, message_id: number | null, content: string) {
  const params = { ...of(id), header: { 'Idempotency-Key': randomKey() } }
  const body = { content, message_id }
  const made = await dataOf(api.POST('/api/v1/conversations/{id}/notes', { params, body }))
  holdNotes(id, (held) => [...held.filter((one) => one.id !== made.id), made])
}

export async function deleteNote({ id, conversation_id }: Note) {
  await dataOf(api.DELETE('/api/v1/notes/{id}', { params: { path: { id } } }))
  holdNotes(conversation_id, (held) => held.filter((one) => one.id !== id))
}
