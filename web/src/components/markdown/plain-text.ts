/** Markdown without its marks: the words as they would be read, for a mail or a form that knows no markdown. */
import type { Nodes, Parents, Root } from 'mdast'
import { parse } from './split'
import { tidyMath } from './tidy-math'

export function plainText(text: string): string {
  const root = parse(tidyMath(text))
  return blocksOf(root, addressesOf(root))
}

/** Where a link leads that names only a definition. */
type Addresses = ReadonlyMap<string, string>

const addressesOf = ({ children }: Root): Addresses =>
  new Map(children.flatMap((node) => (node.type === 'definition' ? [[node.identifier, node.url] as const] : [])))

const blocksOf = ({ children }: Parents, addresses: Addresses, gap = '\n\n'): string =>
  children
    .map((node) => blockOf(node, addresses))
    .filter((text) => text !== '')
    .join(gap)

function blockOf(node: Nodes, addresses: Addresses): string {
  switch (node.type) {
    case 'definition':
    case 'thematicBreak':
      return ''
    case 'blockquote':
      return blocksOf(node, addresses)
    case 'footnoteDefinition':
      return `[${node.label ?? node.identifier}] ${blocksOf(node, addresses)}`
    case 'list':
      return node.children
        .map((item, index) => {
          const mark = node.ordered ? `${(node.start ?? 1) + index}. ` : '• '
          const box = typeof item.checked === 'boolean' ? (item.checked ? '☑ ' : '☐ ') : mark
          return box + indented(blocksOf(item, addresses, item.spread ? '\n\n' : '\n'))
        })
        .join(node.spread ? '\n\n' : '\n')
    case 'table':
      return node.children.map((row) => row.children.map((cell) => wordsOf(cell, addresses)).join('\t')).join('\n')
    default:
      return wordsOf(node, addresses)
  }
}

const indented = (text: string) => text.replace(/\n(?=[^\n])/g, '\n  ')

function wordsOf(node: Nodes, addresses: Addresses): string {
  if (node.type === 'break') return '\n'
  if (node.type === 'image') return node.alt || node.url
  if (node.type === 'imageReference') return node.alt || node.identifier
  if (node.type === 'footnoteReference') return `[${node.label ?? node.identifier}]`
  if ('value' in node) return node.value
  if (!('children' in node)) return ''
  const words = node.children.map((child) => wordsOf(child, addresses)).join('')
  const address =
    node.type === 'link' ? node.url : node.type === 'linkReference' ? addresses.get(node.identifier) : undefined
  return !address || isSame(words, address) ? words : `${words} (${address})`
}

/** An address that is its own words is not said twice. */
const isSame = (words: string, address: string) =>
  [words, `mailto:${words}`, `http://${words}`, `https://${words}`].includes(address)
