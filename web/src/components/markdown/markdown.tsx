import type { Element, ElementContent } from 'hast'
import { Square, SquareCheck } from 'lucide-react'
import { type ComponentProps, createContext, type MouseEvent, memo, use, useId, useMemo, useState } from 'react'
import ReactMarkdown, { type Components, type ExtraProps } from 'react-markdown'
import { useTranslate } from '../../lib/i18n'
import { piece, usePiece } from '../../lib/piece'
import { Citation } from './citation'
import { markCitations } from './cited'
import { CodeBlock } from './code-block'
import { complete, openFence } from './complete'
import { isPlainParagraph } from './plain-paragraph'
import { sectionsOf } from './sections'
import { createSplitter, parse } from './split'
import { tidyMath } from './tidy-math'

const math = piece(() => import('./math'))
const diagrams = piece(() => import('../diagram/diagram-block'))
const pictures = piece(() => import('../picture/remote-picture'))

/** Whether the block that is drawn still grows. */
const Growing = createContext(false)

/** Reads a text with the same parser that cuts it into blocks, and not with one more. */
function readAsCut(this: { parser?: unknown }) {
  this.parser = parse
}

const plugins = [readAsCut]
const treePlugins = [markCitations]

const textOf = (node: Element | ElementContent): string =>
  node.type === 'text' ? node.value : node.type === 'element' ? node.children.map(textOf).join('') : ''

const classesOf = (node: Element | undefined): string[] => {
  const names = node?.properties.className
  return Array.isArray(names) ? names.map(String) : []
}

function Pre({ node }: ExtraProps) {
  const growing = use(Growing)
  const code = node?.children.find((child): child is Element => child.type === 'element')
  if (!code) return null
  const classes = classesOf(code)
  const text = textOf(code).replace(/\n$/, '')
  if (classes.includes('language-math')) return <MathText source={text} display />
  const language = classes.find((name) => name.startsWith('language-'))?.slice('language-'.length) ?? ''
  if (language === 'mermaid' && !growing) return <Diagram source={text} />
  return <CodeBlock code={text} language={language} growing={growing} />
}

function Diagram({ source }: { source: string }) {
  const code = usePiece(diagrams)
  return code ? <code.DiagramBlock source={source} /> : <CodeBlock code={source} language="mermaid" growing={false} />
}

function Code({ node, children }: ComponentProps<'code'> & ExtraProps) {
  if (node && classesOf(node).includes('language-math')) return <MathText source={textOf(node)} display={false} />
  return <code>{children}</code>
}

function MathText({ source, display }: { source: string; display: boolean }) {
  const code = usePiece(math)
  if (code) return <code.Formula source={source} display={display} />
  return (
    <span aria-busy="true" className="invisible">
      {source}
    </span>
  )
}

function Table({ children }: ComponentProps<'table'>) {
  const t = useTranslate()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section aria-label={t('table.label')} tabIndex={0} className="my-4 overflow-x-auto">
      <table>{children}</table>
    </section>
  )
}

/** Inside of a link nothing else can be pressed. */
const InLink = createContext(false)

function Link({ node, href, id, children }: ComponentProps<'a'> & ExtraProps) {
  if (!href) return <span>{children}</span>
  if (href.startsWith('#')) {
    const label = node?.properties.ariaLabel
    return (
      <a href={href} id={id} aria-label={typeof label === 'string' ? label : undefined} onClick={goTo}>
        {children}
      </a>
    )
  }
  return (
    <InLink value={true}>
      <a href={href} title={href} target="_blank" rel="noopener noreferrer">
        {children}
      </a>
    </InLink>
  )
}

/** To a note of this text and back, without a step in the history of the page. */
function goTo(event: MouseEvent<HTMLAnchorElement>) {
  event.preventDefault()
  const target = document.getElementById(event.currentTarget.hash.slice(1))
  target?.scrollIntoView({ block: 'nearest' })
  const focused = target?.matches('a') ? target : target?.querySelector<HTMLElement>('a')
  focused?.focus({ preventScroll: true })
}

/** An image is never loaded by itself: its host would learn what is being read. */
function Image({ src, alt }: ComponentProps<'img'>) {
  const t = useTranslate()
  const code = usePiece(pictures)
  const inLink = use(InLink)
  const isRemote = typeof src === 'string' && /^https?:/i.test(src) && URL.canParse(src)
  if (!isRemote) return alt ? <span>{alt}</span> : null
  if (inLink) return <span>{t('image.link', { name: alt || new URL(src).host })}</span>
  return code ? <code.RemotePicture address={src} name={alt ?? ''} /> : <span aria-busy="true">{alt}</span>
}

/** The box of a task says in words whether it is ticked. */
function TaskMark({ checked }: ComponentProps<'input'>) {
  const t = useTranslate()
  const Icon = checked ? SquareCheck : Square
  return (
    <Icon
      role="img"
      aria-label={t(checked ? 'task.done' : 'task.open')}
      className="-mt-0.5 me-1.5 inline size-4 stroke-[1.75] text-muted"
    />
  )
}

/** The headings of an answer come under the one of the page. */
const components: Components = {
  pre: Pre,
  code: Code,
  table: Table,
  a: Link,
  img: Image,
  input: TaskMark,
  button: ({ value }) => <Citation value={value} />,
  h1: ({ children }) => <h2>{children}</h2>,
  h2: ({ children }) => <h2>{children}</h2>,
  h3: ({ children }) => <h3>{children}</h3>,
}

/** Where links may lead; a place in a page only if it is in this text. */
const safeAddress = (prefix: string) => (address: string) =>
  /^(https?:|mailto:)/i.test(address) || address.startsWith(`#${prefix}`) ? address : ''

/** Names of places in a text begin with what no other text on the page has. */
function useNotes() {
  const t = useTranslate()
  const prefix = `${useId()}-`
  return useMemo(
    () => ({
      address: safeAddress(prefix),
      options: {
        clobberPrefix: prefix,
        footnoteLabel: t('notes.label'),
        footnoteBackLabel: (reference: number) => t('notes.back', { number: reference + 1 }),
      },
    }),
    [prefix, t],
  )
}

/**
 * What `ReactMarkdown` makes of a text. A paragraph without any marks is made without it, as the same element, so that it
 * stays the same node of the page when its first mark arrives.
 */
function Parsed(props: ComponentProps<typeof ReactMarkdown>) {
  const text = props.children?.replace(/\n+$/, '') ?? ''
  return isPlainParagraph(text) ? [<p key="p-0">{text}</p>] : ReactMarkdown(props)
}

type BlockProps = { text: string; last: boolean; notes: ReturnType<typeof useNotes> }

const Block = memo(function Block({ text, last, notes }: BlockProps) {
  const growing = last && openFence(text) !== undefined
  return (
    <Growing value={growing}>
      <Parsed
        remarkPlugins={plugins}
        remarkRehypeOptions={notes.options}
        rehypePlugins={treePlugins}
        components={components}
        urlTransform={notes.address}
      >
        {tidyMath(last ? complete(text) : text)}
      </Parsed>
    </Growing>
  )
})

/** Link definitions and footnotes may stand anywhere, so a finished text that has them is drawn as one. */
const hasDefinitions = (text: string) => /^ {0,3}\[[^\]\n]+\]:/m.test(text)

type MarkdownProps = { text: string; running: boolean }

/**
 * Markdown that may still be growing. Blocks that are settled are not parsed or drawn again, and nothing is while the text
 * stays the same: what is around it changes with each message that is sent.
 */
export const Markdown = memo(function Markdown({ text, running }: MarkdownProps) {
  const [splitter] = useState(createSplitter)
  const [hasGrown, setHasGrown] = useState(running)
  if (running && !hasGrown) setHasGrown(true)
  const notes = useNotes()
  // What has grown here keeps the blocks that it is drawn in.
  const sections = useMemo(() => (hasGrown ? undefined : sectionsOf(text)), [hasGrown, text])
  const blocks = sections ?? (!running && hasDefinitions(text) ? [text] : splitter.push(text))
  const isLast = (index: number) => running && index === blocks.length - 1
  return (
    <div className="prose-answer">
      {groupsOf(blocks).map((group, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks only ever grow at the end
        <div key={place}>
          {group.map((block, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same
            <Block key={index} text={block} last={isLast(place * groupSize + index)} notes={notes} />
          ))}
        </div>
      ))}
    </div>
  )
})

/** What a browser lays out, paints and looks for under the pointer it passes by as a whole. */
const groupSize = 12

const groupsOf = (blocks: string[]): string[][] =>
  Array.from({ length: Math.ceil(blocks.length / groupSize) }, (_, place) =>
    blocks.slice(place * groupSize, (place + 1) * groupSize),
  )
