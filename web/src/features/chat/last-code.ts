/** What the last fenced block of a markdown text holds; one that is still being written counts. */
export function lastCode(text: string): string | undefined {
  let found: string | undefined
  let open: { mark: string; indent: number; lines: string[] } | undefined
  for (const line of text.split('\n')) {
    const [, space = '', mark = '', rest = ''] = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(line) ?? []
    if (!open) {
      if (mark && !(mark.startsWith('`') && rest.includes('`'))) open = { mark, indent: space.length, lines: [] }
    } else if (mark.startsWith(open.mark) && rest.trim() === '') {
      found = open.lines.join('\n')
      open = undefined
    } else open.lines.push(withoutIndent(line, open.indent))
  }
  return open ? open.lines.join('\n') : found
}

const withoutIndent = (line: string, most: number) => line.replace(new RegExp(`^\\s{0,${most}}`), '')
