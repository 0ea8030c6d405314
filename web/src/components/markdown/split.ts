/**
 * Cuts a growing markdown text into top-level blocks, so that only the last ones are parsed again when text arrives.
 *
 * A block is settled once the block after it starts in a line that is complete: no later text can change it then.
 * Known quirk: the title of a link definition on several lines; a text with definitions is drawn whole at its end anyway.
 */
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { mathFromMarkdown } from 'mdast-util-math'
import { gfm } from 'micromark-extension-gfm'
import { math } from 'micromark-extension-math'
import { isPlainParagraph } from './plain-paragraph'

/** `$` alone is money more often than mathematics: `tidyMath` rewrites the formulas that it finds to `$$`. */
export const mathOptions = { singleDollarTextMath: false }

const extensions = [gfm(), math(mathOptions)]
const mdastExtensions = [gfmFromMarkdown(), mathFromMarkdown()]

export const parse = (text: string) => fromMarkdown(text, { extensions, mdastExtensions })

/** Where each block of a text begins. */
export const blockStarts = (text: string): number[] =>
  isPlainParagraph(text) ? [0] : parse(text).children.map((block) => block.position?.start.offset ?? 0)

export function createSplitter() {
  let held = ''
  let settled: string[] = []

  return {
    /** The blocks of the whole text so far. Settled ones stay the same strings at the same places. */
    push(text: string): string[] {
      if (!text.startsWith(held)) {
        held = ''
        settled = []
      }
      const tail = text.slice(held.length)
      const starts = blockStarts(tail)
      const cut = starts.map((start, index) => tail.slice(start, starts[index + 1]))
      let count = 0
      while (count + 1 < starts.length && tail.includes('\n', starts[count + 1])) count += 1
      if (count > 0) {
        held = text.slice(0, held.length + (starts[count] ?? 0))
        settled = [...settled, ...cut.slice(0, count)]
      }
      return [...settled, ...cut.slice(count)]
    },
  }
}
