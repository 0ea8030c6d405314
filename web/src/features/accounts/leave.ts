import { queryClient } from '../../lib/query-client'
import { me, signOut } from './queries'
import { forget } from './remembered'

const leaving = new Set<() => void>()

/** Lets a feature forget what it holds of a person who signs out. */
export const onLeave = (forget: () => void) => void leaving.add(forget)

/** Forgets everything of the person who was here and shows the sign-in page. */
export function forgetPerson() {
  for (const forgetOwn of leaving) forgetOwn()
  forget()
  // What is still drawn until the other page is there belongs to somebody: who that was goes with this page.
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== me.queryKey[0] })
  queryClient.getMutationCache().clear()
  location.assign('/login')
}

export async function leave(everywhere = false) {
  await signOut(everywhere)
  forgetPerson()
}
