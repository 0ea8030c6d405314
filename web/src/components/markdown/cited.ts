import type { Element, ElementContent, Root } from 'hast'
import { createContext } from 'react'

/** What the numbers in an answer stand for, and how one of them is looked at. */
export type Cited = { titles: ReadonlyMap<number, string>; open: (n: number) => void }

export const CitedContext = createContext<Cited | null>(null)

const mark = /\[([1-9]\d?)\]/g
/** Inside of these a number in brackets is something else. */
const closed = new Set(['a', 'button', 'code', 'pre'])

/** Makes an element of its own of each `[n]`: a button, which no markdown makes. */
export function markCitations() {
  return (tree: Root) => walk(tree)
}

function walk(node: Root | Element) {
  for (let at = node.children.length - 1; at >= 0; at -= 1) {
    const child = node.children[at]
    if (child?.type === 'element' && !closed.has(child.tagName)) walk(child)
    else if (child?.type === 'text' && child.value.includes('[')) node.children.splice(at, 1, ...cut(child.value))
  }
}

function cut(text: string): ElementContent[] {
  const pieces: ElementContent[] = []
  let from = 0
  for (const { 0: whole, 1: n = '', index } of text.matchAll(mark)) {
    if (index > from) pieces.push({ type: 'text', value: text.slice(from, index) })
    pieces.push({ type: 'element', tagName: 'button', properties: { value: n }, children: [] })
    from = index + whole.length
  }
  if (from < text.length) pieces.push({ type: 'text', value: text.slice(from) })
  return pieces
}
