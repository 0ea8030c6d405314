/** Code colours: a handful of languages, as a tree for React instead of HTML text. Loaded with the first code block. */
import hljs from 'highlight.js/lib/core'
import bash from 'highlight.js/lib/languages/bash'
import cpp from 'highlight.js/lib/languages/cpp'
import css from 'highlight.js/lib/languages/css'
import diff from 'highlight.js/lib/languages/diff'
import go from 'highlight.js/lib/languages/go'
import java from 'highlight.js/lib/languages/java'
import javascript from 'highlight.js/lib/languages/javascript'
import json from 'highlight.js/lib/languages/json'
import python from 'highlight.js/lib/languages/python'
import rust from 'highlight.js/lib/languages/rust'
import sql from 'highlight.js/lib/languages/sql'
import typescript from 'highlight.js/lib/languages/typescript'
import xml from 'highlight.js/lib/languages/xml'
import yaml from 'highlight.js/lib/languages/yaml'

export type Piece = { text: string; colour: string | undefined }

const languages = { bash, cpp, css, diff, go, java, javascript, json, python, rust, sql, typescript, xml, yaml }
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language)

/** The colour of each kind of word; kinds that are not listed have that of their surroundings. */
const colours: Record<string, string> = {
  keyword: 'keyword',
  name: 'keyword',
  'selector-tag': 'keyword',
  deletion: 'keyword',
  string: 'string',
  regexp: 'string',
  addition: 'string',
  comment: 'comment',
  quote: 'comment',
  meta: 'comment',
  number: 'number',
  literal: 'number',
  symbol: 'number',
  title: 'function',
  'title.function': 'function',
  'title.function.invoke': 'function',
  section: 'function',
  attr: 'function',
  attribute: 'function',
  property: 'function',
  'title.class': 'type',
  'title.class.inherited': 'type',
  type: 'type',
  built_in: 'type',
  'selector-class': 'type',
  'selector-id': 'type',
  'variable.constant': 'number',
}

/** Takes what the highlighter finds as a flat list of coloured pieces. */
class Pieces {
  readonly pieces: Piece[] = []
  private readonly scopes: (string | undefined)[] = []

  addText(text: string) {
    const colour = this.scopes.at(-1)
    const last = this.pieces.at(-1)
    if (last && last.colour === colour) last.text += text
    else if (text) this.pieces.push({ text, colour })
  }
  startScope(scope: string) {
    this.scopes.push(colours[scope] ?? colours[scope.split('.')[0] ?? ''] ?? this.scopes.at(-1))
  }
  endScope() {
    this.scopes.pop()
  }
  openNode(scope: string) {
    this.startScope(scope)
  }
  closeNode() {
    this.endScope()
  }
  __addSublanguage(other: Pieces) {
    this.pieces.push(...other.pieces)
  }
  finalize() {}
  toHTML() {
    return ''
  }
}

hljs.configure({ __emitter: Pieces as never })

/** The pieces of a code, or undefined if its language is not known. */
export function highlight(code: string, language: string): Piece[] | undefined {
  if (!hljs.getLanguage(language)) return undefined
  const { _emitter } = hljs.highlight(code, { language, ignoreIllegals: true })
  return (_emitter as unknown as Pieces).pieces
}
