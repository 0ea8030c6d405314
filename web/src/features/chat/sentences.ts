/** Growing text for who wants little motion: it lands in whole sentences. */
import type { Part } from './types'

/** Without an end of a sentence for so long, words will do. */
const patience = 400

const isEnd = /[.!?…]["'”’»)\]*_`]*$/
const isEndWithoutSpace = /[。！？]/
/** `1.` begins an item of a list and ends nothing. */
const isNumber = /(^|\n)[ \t]*\d+\.$/

/** The text up to the end of its last whole sentence, or of its last whole line. */
export function wholeSentences(text: string): string {
  const least = Math.max(0, text.length - patience)
  for (let end = text.length; end > least; end -= 1) {
    const sign = text.charAt(end - 1)
    if (sign === '\n' || isEndWithoutSpace.test(sign)) return text.slice(0, end)
    if (sign !== ' ') continue
    const before = text.slice(Math.max(0, end - 24), end - 1)
    if (isEnd.test(before) && !isNumber.test(before)) return text.slice(0, end)
  }
  return least === 0 ? '' : text.slice(0, text.lastIndexOf(' ') + 1)
}

/** The parts of an answer that grows at its end, without the sentence that is being written. */
export function inSentences(parts: Part[]): Part[] {
  const last = parts.at(-1)
  if (last?.type !== 'text' && last?.type !== 'reasoning') return parts
  const text = wholeSentences(last.text)
  const before = parts.slice(0, -1)
  // That it thinks is said before there is a thought; an empty text would be an empty line.
  return text || last.type === 'reasoning' ? [...before, { ...last, text }] : before
}
