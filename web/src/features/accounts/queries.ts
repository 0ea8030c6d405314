import { queryOptions, useMutation, useQuery } from '@tanstack/react-query'
import { api, dataOf } from '../../lib/api'
import { useSessionEnded } from '../../lib/http'
import { queryClient } from '../../lib/query-client'
import { remember } from './remembered'
import type { Chosen, User } from './types'

export const me = queryOptions({
  queryKey: ['me'],
  queryFn: async () => {
    const user = await dataOf(api.GET('/api/v1/auth/me'))
    remember(user)
    return user
  },
  staleTime: 5 * 60_000,
})

export const instance = queryOptions({
  queryKey: ['instance'],
  queryFn: () => dataOf(api.GET('/api/v1/instance')),
  staleTime: 5 * 60_000,
})

export const sessions = queryOptions({
  queryKey: ['sessions'],
  queryFn: () => dataOf(api.GET('/api/v1/auth/sessions')),
})

/** How the signed-in person can sign in. */
export const waysIn = queryOptions({
  queryKey: ['waysIn'],
  queryFn: () => dataOf(api.GET('/api/v1/me/identities')),
})

/** The signed-in person. Only where the app's frame has made sure that there is one. */
export function useMe(): User {
  const { data } = useQuery(me)
  if (!data) throw new Error('nobody is signed in')
  return data
}

/** What a person is called on screen. */
export const displayName = (user: User) => user.full_name?.trim() || user.username

/** From here on everything is read as this person. */
function enter(user: User) {
  const before = queryClient.getQueryData(me.queryKey)
  if (before?.id !== user.id) queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== 'instance' })
  queryClient.setQueryData(me.queryKey, user)
  remember(user)
  useSessionEnded.setState({ ended: false })
  void queryClient.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'me' })
}

export async function signIn(name: string, password: string): Promise<User> {
  const body = name.includes('@') ? { email: name, password } : { username: name, password }
  const { user } = await dataOf(api.POST('/api/v1/auth/login', { body }))
  enter(user)
  return user
}

/** Links who came from another service to the account with the same address, and signs in to it. */
export async function linkProvider(provider: string, password: string) {
  const params = { path: { provider } }
  const { user } = await dataOf(api.POST('/api/v1/auth/{provider}/link', { params, body: { password } }))
  enter(user)
}

/** The page of another service where an account is linked, which comes back to `from`. */
export const beginLink = async (provider: string, from: string) =>
  (await dataOf(api.POST('/api/v1/me/identities', { body: { provider, from } }))).url

export function useUnlink() {
  return useMutation({
    mutationFn: (id: number) => dataOf(api.DELETE('/api/v1/me/identities/{id}', { params: { path: { id } } })),
    onSettled: () => queryClient.invalidateQueries(waysIn),
  })
}

export type SignUp = { username: string; email: string; password: string; setup_code?: string }

export async function signUp(body: SignUp): Promise<User> {
  const { user } = await dataOf(api.POST('/api/v1/auth/register', { body }))
  enter(user)
  void queryClient.invalidateQueries(instance)
  return user
}

export async function signOut(everywhere = false) {
  await dataOf(api.POST(everywhere ? '/api/v1/auth/logout-all' : '/api/v1/auth/logout'))
}

export function useUpdateMe() {
  return useMutation({
    mutationFn: (body: { full_name?: string; email?: string; current_password?: string }) =>
      dataOf(api.PATCH('/api/v1/me', { body })),
    onSuccess: (user) => queryClient.setQueryData(me.queryKey, user),
  })
}

/** What the signed-in person chose that holds on every device. */
export function useChosen(): Chosen {
  const { data } = useQuery({ ...me, enabled: false })
  return (data?.preferences as Chosen | undefined) ?? {}
}

/** Changes what the signed-in person chose; null takes a choice back. */
export async function choose(body: Chosen) {
  holdChosen(await dataOf(api.PATCH('/api/v1/me/preferences', { body })))
}

/** What the person chose, as the server told it. */
export function holdChosen(preferences: Chosen) {
  queryClient.setQueryData(me.queryKey, (user) => user && { ...user, preferences: { ...preferences } })
}

export const changePassword = (current_password: string, new_password: string) =>
  dataOf(api.POST('/api/v1/auth/password/change', { body: { current_password, new_password } }))

export const forgotPassword = (email: string) => dataOf(api.POST('/api/v1/auth/password/forgot', { body: { email } }))

export const resetPassword = (token: string, password: string) =>
  dataOf(api.POST('/api/v1/auth/password/reset', { body: { token, password } }))

export const deleteMe = (password: string) => dataOf(api.DELETE('/api/v1/me', { body: { password } }))

/** Ends every session but this one. */
export async function endOtherSessions() {
  await dataOf(api.DELETE('/api/v1/auth/sessions'))
  await queryClient.invalidateQueries(sessions)
}

export function useEndSession() {
  return useMutation({
    mutationFn: (id: number) => dataOf(api.DELETE('/api/v1/auth/sessions/{id}', { params: { path: { id } } })),
    onSettled: () => queryClient.invalidateQueries(sessions),
  })
}
