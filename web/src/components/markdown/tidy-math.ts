/** Rewrites the ways in which models write formulas, `\(a\)`, `\[a\]`, `$a$`, to the one that the parser reads: `$$`. */
export function tidyMath(block: string): string {
  if (!/\\[([]|\$/.test(block)) return block
  return block
    .split(/(^ {0,3}(?:```|~~~)[\s\S]*?(?:^ {0,3}(?:```|~~~)[^\S\n]*$|$(?![\s\S]))|(`+)[\s\S]*?\2)/m)
    .map((part, index) => (index % 3 === 0 ? rewrite(part) : index % 3 === 1 ? part : ''))
    .join('')
}

function rewrite(text = ''): string {
  return text
    .replace(/\\\[([\s\S]+?)\\\]/g, (_all, formula: string) => display(formula))
    .replace(/\\\((.+?)\\\)/g, (_all, formula: string) => `$$${formula.trim()}$$`)
    .replace(/^[^\S\n]*\$\$([^\n$]+)\$\$[^\S\n]*$/gm, (_all, formula: string) => display(formula))
    .replace(
      /(?<![\\$\w])\$(?![\s$])((?:[^$\n\\]|\\.)*?[^\s$\\])\$(?![\d$])/g,
      (_all, formula: string) => `$$${formula}$$`,
    )
}

const display = (formula: string) => `\n$$\n${formula.trim()}\n$$\n`
