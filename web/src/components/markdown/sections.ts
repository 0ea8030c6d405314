/**
 * Cuts a finished text where nothing goes over from above, without parsing it: before a paragraph or a heading that follows
 * an empty line and stands at the margin. Each section is then parsed by itself, and a page that opens answers in between.
 */

/** What a cut by lines might get wrong: formulas, definitions, HTML, other ends of lines. */
const unsure = /\\[([]|\$|\r|^[ \t]{0,3}(?:\[[^\]\n]+\]:|<)/m

const opening = /^(`{3,}(?=[^`]*$)|~{3,})/
const beginning = /^(?:\p{L}|#{1,6} |\*\*[^\s*])/u

/** The sections of a text, or undefined where only its parser knows. */
export function sectionsOf(text: string): string[] | undefined {
  if (unsure.test(text)) return undefined
  const starts = [0]
  let fence = ''
  let isAfterEmpty = false
  let at = 0
  for (const line of text.split('\n')) {
    const mark = opening.exec(line)?.[1]
    const closes = fence !== '' && line.trim().startsWith(fence) && /^(`+|~+)$/.test(line.trim())
    // A fence that is not at the margin may be in a list, or be none.
    if (!mark && (closes || (!fence && /```|~~~/.test(line)))) return undefined
    if (closes) fence = ''
    else if (!fence && mark) fence = mark
    else if (!fence && isAfterEmpty && at > 0 && beginning.test(line)) starts.push(at)
    isAfterEmpty = line.trim() === ''
    at += line.length + 1
  }
  return starts.map((start, index) => text.slice(start, starts[index + 1]))
}
