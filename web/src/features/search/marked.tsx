import type { ReactNode } from 'react'

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'", '#34': '"' }

const unescaped = (text: string) =>
  text.replace(/&(#?\w+);/g, (whole, name: string) => entities[name.toLowerCase()] ?? whole)

/** The snippet of a hit, escaped text with `<mark>`, as nodes: nothing of it is ever read as HTML. */
export function Marked({ snippet }: { snippet: string }): ReactNode {
  return snippet.split(/<mark>(.*?)<\/mark>/s).map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts have no identity but their place
      <mark key={index} className="rounded-[3px] bg-accent-soft text-accent-text">
        {unescaped(part)}
      </mark>
    ) : (
      unescaped(part)
    ),
  )
}
