/** Marks words in a message that is drawn, without changing what is drawn. */

const name = 'found'

/** A letter or digit beside a place makes it a part of another word. Signs of Chinese and Japanese are words by themselves. */
const isPart = (sign: string | undefined) => sign !== undefined && /[\p{L}\p{N}]/u.test(sign) && !isSign(sign)
const isSign = (sign: string) => /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u.test(sign)

/** The places of whole words in the text below a node, whatever their capitals. */
export function rangesOf(root: Node, words: string[]): Range[] {
  const wanted = words.map((word) => word.toLowerCase()).filter((word) => word !== '')
  const ranges: Range[] = []
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.nodeValue ?? ''
    // A few letters are longer when small: then places are taken from the text as it stands.
    const small = text.toLowerCase().length === text.length ? text.toLowerCase() : text
    for (const word of wanted) {
      for (let at = small.indexOf(word); at >= 0; at = small.indexOf(word, at + word.length)) {
        const end = at + word.length
        if (!isSign(word) && (isPart(text[at - 1]) || isPart(text[end]))) continue
        const range = document.createRange()
        range.setStart(node, at)
        range.setEnd(node, end)
        ranges.push(range)
      }
    }
  }
  return ranges
}

/** What the server marked in the passage that it found. */
export const markedIn = (snippet: string): string[] => [
  // Signs that stand side by side are one place.
  ...new Set(
    [...snippet.replaceAll('</mark><mark>', '').matchAll(/<mark>(.*?)<\/mark>/gs)].map(([, word = '']) => word),
  ),
]

export const unmark = () => void globalThis.CSS?.highlights?.delete(name)

/** So many frames a message may take to come, which may have to be read first, and its words to be drawn once it is there. */
const patience = { message: 600, words: 20 }

/** Marks words in a message once the page has brought it into sight, and brings the first of them; the answer ends the wait. */
export function markFound(id: string, words: string[]): () => void {
  unmark()
  if (!globalThis.CSS?.highlights) return () => {}
  let frame = 0
  const again = (left: number, next: (left: number) => void) => {
    if (left > 0) frame = requestAnimationFrame(() => next(left - 1))
  }
  const look = (left: number) => {
    const root = document.getElementById(id)
    const ranges = root ? rangesOf(root, words) : []
    if (ranges.length === 0) return again(left, look)
    CSS.highlights.set(name, new Highlight(...ranges))
    ranges[0]?.startContainer.parentElement?.scrollIntoView({ block: 'center' })
  }
  const wait = (left: number) =>
    document.getElementById(id)?.hasAttribute('aria-current') ? look(patience.words) : again(left, wait)
  again(patience.message, wait)
  return () => cancelAnimationFrame(frame)
}
