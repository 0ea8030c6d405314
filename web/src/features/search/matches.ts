const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase()

const wordsOf = (text: string) => plain(text).split(/[^\p{L}\p{N}]+/u)

/** Whether each word of a query begins a word of a text, in any order; marks and capitals do not count. */
export function matches(text: string, query: string): boolean {
  const words = wordsOf(text)
  return wordsOf(query).every((wanted) => words.some((word) => word.startsWith(wanted)))
}
