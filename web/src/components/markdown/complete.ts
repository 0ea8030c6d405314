/** Closes or hides what is half-written at the end of a growing text, so that no raw `**` or `|---|` is ever seen. */

/** The fence that a text leaves open, or undefined. */
export function openFence(text: string): string | undefined {
  let fence: string | undefined
  for (const line of text.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,}|\$\$)(.*)$/.exec(line)
    if (!mark?.[1]) continue
    const rest = mark[2] ?? ''
    if (!fence) {
      if (mark[1][0] === '~' || !rest.includes(mark[1][0] ?? '')) fence = mark[1]
    } else if (mark[1][0] === fence[0] && mark[1].length >= fence.length && rest.trim() === '') fence = undefined
  }
  return fence
}

export function complete(text: string): string {
  const fence = openFence(text)
  if (fence === '$$') return text.slice(0, text.lastIndexOf('$$'))
  if (fence) return hideClosing(text, fence)
  return closeInline(hideLine(text))
}

/** The first characters of a closing fence are not code. */
function hideClosing(text: string, fence: string): string {
  const start = text.lastIndexOf('\n') + 1
  const last = text.slice(start).trim()
  const isPart = last !== '' && start > 0 && last.length < fence.length && fence.startsWith(last)
  return isPart ? text.slice(0, start) : text
}

/** Hides a last line that may still become something else: a list mark, a rule under a paragraph, the head of a table. */
function hideLine(text: string): string {
  const start = text.lastIndexOf('\n') + 1
  const last = text.slice(start)
  const unsure = /^\s*(#{1,6}|[-+]|\d+[.)]?|>|=+|-{2,}|`{1,3}|~{1,3}|\*{1,3}|_{1,3})\s*$/.test(last)
  return hideTableHead(unsure ? text.slice(0, start) : text)
}

function hideTableHead(text: string): string {
  const lines = text.split('\n')
  const head = lines.findIndex((line) => /^\s*\|/.test(line))
  if (head < 0 || lines.slice(0, head).some((line) => line.trim() === '|')) return text
  const rule = lines[head + 1]
  if (rule === undefined || (head + 1 === lines.length - 1 && /^[\s|:-]*$/.test(rule))) {
    return lines.slice(0, head).join('\n')
  }
  // A last row that is not closed yet would push the columns about.
  const last = lines.at(-1) ?? ''
  return lines.length > head + 2 && /^\s*\|?\s*$/.test(last) ? lines.slice(0, -1).join('\n') : text
}

/** Inline marks in the last paragraph: code, links, formulas, emphasis. */
function closeInline(text: string): string {
  const from = text.lastIndexOf('\n\n') + 1
  let tail = text.slice(from)
  const ticks = [...tail.matchAll(/`+/g)]
  const open = ticks.length % 2 === 1 ? ticks.at(-1) : undefined
  if (open) {
    tail = open.index + open[0].length === tail.length ? tail.slice(0, open.index) : tail + open[0]
    return text.slice(0, from) + tail
  }
  const bare = tail.replace(/`[^`]*`/g, (code) => ' '.repeat(code.length))
  const formula = openFormula(bare)
  if (formula >= 0) tail = tail.slice(0, formula)
  else tail = closeLink(tail)
  return text.slice(0, from) + closeEmphasis(tail)
}

function openFormula(bare: string): number {
  const opened = Math.max(bare.lastIndexOf('\\('), bare.lastIndexOf('\\['))
  const closed = Math.max(bare.lastIndexOf('\\)'), bare.lastIndexOf('\\]'))
  if (opened > closed) return opened
  const dollars = [...bare.matchAll(/\$\$/g)]
  if (dollars.length % 2 === 1) return dollars.at(-1)?.index ?? -1
  return openDollar(bare)
}

/** A single `$` in the last line may begin a formula or be money: it is hidden until what follows tells. */
function openDollar(bare: string): number {
  const from = bare.lastIndexOf('\n') + 1
  const line = bare
    .slice(from)
    .replace(/\$\$[^$]*\$\$|(?<![\\$\w])\$(?![\s$\d])[^$\n]*[^\s$\\]\$(?![\d$])/g, (all) => ' '.repeat(all.length))
  const open = /(?<![\\$\w])\$(?![\s$])([^$]*)\$?$/.exec(line)
  if (!open) return -1
  const body = open[1] ?? ''
  const isMoney = /^\d[\d.,]*(?:[\s)!?;:%-]|[kKmM]\b)/.test(body)
  const isFormula = /[\\^_{}=+<>]/.test(body.slice(0, 40)) && body.length < 300
  return !isMoney && (body.length < 16 || isFormula) ? from + open.index : -1
}

/** `[text](https://exa` is shown as `text` until its address is whole. */
function closeLink(tail: string): string {
  const link = /(!?)\[([^[\]]*)(?:\](?:\([^)]*)?)?$/.exec(tail)
  if (!link || /^\s*[-*+] \[[ xX]?\]?$/.test(tail.slice(tail.lastIndexOf('\n') + 1))) return tail
  if (link[0].endsWith(']')) return tail
  return tail.slice(0, link.index) + (link[1] ? '' : (link[2] ?? ''))
}

function closeEmphasis(tail: string): string {
  const open: string[] = []
  const bare = tail.replace(/`[^`]*`/g, (code) => ' '.repeat(code.length)).replace(/^\s*[*+-] /gm, '  ')
  for (const { 0: mark, index } of bare.matchAll(/\*{1,3}|_{1,3}|~~/g)) {
    const before = bare[index - 1] ?? ' '
    const after = bare[index + mark.length] ?? ' '
    if (mark[0] === '_' && /\w/.test(before) && /\w/.test(after)) continue
    if (open.at(-1) === mark && /\S/.test(before)) open.pop()
    else if (/\S/.test(after)) open.push(mark)
    else if (index + mark.length === bare.trimEnd().length && /[*_~]/.test(mark)) {
      return closeEmphasis(tail.slice(0, index))
    }
  }
  const end = tail.trimEnd()
  const closing = open
    .reverse()
    .map((mark) => (end.endsWith(mark.slice(0, 1)) && mark.length > 1 ? mark.slice(1) : mark))
  return closing.length > 0 ? end + closing.join('') : tail
}
