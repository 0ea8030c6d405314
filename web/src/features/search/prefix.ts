/** What the first sign of a query asks for alone. */
const prefixes = { '>': 'commands', '/': 'settings', '@': 'models' } as const

export type Wanted = (typeof prefixes)[keyof typeof prefixes] | 'all'

const isPrefix = (sign: string): sign is keyof typeof prefixes => sign in prefixes

/** What a query asks for, and the words of it. */
export function readQuery(query: string): { wanted: Wanted; words: string } {
  const sign = query.charAt(0)
  return isPrefix(sign) ? { wanted: prefixes[sign], words: query.slice(1) } : { wanted: 'all', words: query }
}
