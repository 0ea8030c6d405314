export type Strength = 'weak' | 'fair' | 'strong'

/** A word about a new password; the server is the judge. */
export function strengthOf(password: string): Strength {
  if (password.length < 8) return 'weak'
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z\d]/].filter((kind) => kind.test(password)).length
  return password.length >= 16 || (password.length >= 12 && kinds >= 3) ? 'strong' : 'fair'
}
