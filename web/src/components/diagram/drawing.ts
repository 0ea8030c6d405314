/** Gets drawings of diagrams from the sandboxed page that makes them. What comes from there is checked, and shown as an image only. */
import { address } from 'virtual:sandbox/diagram'
import type { DrawRequest } from '../../sandbox/messages'
import { readSize, type Size } from '../picture/size'

export type Drawing = Size & { svg: string; title: string }

/** Longer sources stay text. */
export const longestSource = 20_000
const longestDrawing = 3_000_000
const patience = { start: 20_000, drawing: 8_000 }
/** The page is let go when nothing was drawn for so long: it holds a large library. */
const idleAfter = 60_000
const heldDrawings = 60

/** A drawing as the page sent it, if it is one. */
export function readDrawing(data: unknown): Drawing | undefined {
  const { svg, title } = (data ?? {}) as Record<string, unknown>
  if (typeof svg !== 'string' || svg.length > longestDrawing || !/^<svg[\s>]/.test(svg)) return
  const size = readSize(data)
  return size && { svg, ...size, title: typeof title === 'string' ? title.slice(0, 1_000) : '' }
}

/** The image of a drawing. An address that holds the drawing has no origin, also when it is opened by itself. */
export const imageOf = (drawing: Drawing) => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawing.svg)}`

const held = new Map<string, Promise<Drawing>>()
const done = new Map<string, Drawing>()
const keyOf = (source: string, dark: boolean) => `${dark ? 'dark' : 'light'} ${source}`

/** What was drawn before, so that it stands there at once when it comes into sight again. */
export const drawn = (source: string, dark: boolean) => done.get(keyOf(source, dark))

/** Draws a diagram. Fails with `Refused` if it is none, with something else if the page that draws does not answer. */
export function draw(source: string, dark: boolean): Promise<Drawing> {
  const key = keyOf(source, dark)
  const known = held.get(key)
  if (known) return known
  const drawing = enqueue(source, dark)
  held.set(key, drawing)
  drawing.then(
    (made) => done.set(key, made),
    () => held.delete(key),
  )
  const oldest = held.size > heldDrawings ? held.keys().next().value : undefined
  if (oldest !== undefined) {
    held.delete(oldest)
    done.delete(oldest)
  }
  return drawing
}

let turn: Promise<unknown> = Promise.resolve()
let page: Promise<Page> | undefined
let idle: ReturnType<typeof setTimeout> | undefined
let last = 0

/** One after the other, so that a diagram that takes for ever costs only itself. */
function enqueue(source: string, dark: boolean): Promise<Drawing> {
  const drawing = turn.then(() => drawNow(source, dark))
  turn = drawing.catch(() => undefined)
  return drawing
}

async function drawNow(source: string, dark: boolean): Promise<Drawing> {
  clearTimeout(idle)
  page ??= open()
  try {
    const { ask } = await page
    last += 1
    const reply = await ask({ id: last, source, dark })
    if (typeof reply.error === 'string') throw new Refused(reply.error)
    const drawing = readDrawing(reply)
    if (!drawing) throw new Refused('')
    return drawing
  } catch (error) {
    if (!(error instanceof Refused)) close()
    throw error
  } finally {
    idle = setTimeout(close, idleAfter)
  }
}

/** The page works and has said no, in the words of its library; after anything else it is begun anew. */
export class Refused extends Error {}

type Reply = Record<string, unknown>
type Page = { ask: (request: DrawRequest) => Promise<Reply>; frame: HTMLIFrameElement }

async function open(): Promise<Page> {
  const frame = document.createElement('iframe')
  frame.setAttribute('sandbox', 'allow-scripts')
  frame.setAttribute('aria-hidden', 'true')
  frame.tabIndex = -1
  frame.style.cssText =
    'position:fixed;top:0;left:0;width:1024px;height:768px;border:0;visibility:hidden;pointer-events:none'
  frame.src = address
  const started = hear(frame, (data) => data.ready === true, patience.start)
  document.body.append(frame)
  try {
    await started
  } catch (error) {
    frame.remove()
    throw error
  }
  return {
    frame,
    ask(request) {
      const reply = hear(frame, (data) => data.id === request.id, patience.drawing)
      frame.contentWindow?.postMessage(request, '*')
      return reply
    },
  }
}

function close() {
  page?.then(({ frame }) => frame.remove()).catch(() => undefined)
  page = undefined
}

/** The next message of the frame that fits; fails when it does not come in time. */
function hear(frame: HTMLIFrameElement, fits: (data: Reply) => boolean, within: number): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      removeEventListener('message', listen)
    }
    const listen = ({ source, data }: MessageEvent) => {
      if (source !== frame.contentWindow || typeof data !== 'object' || data === null || !fits(data)) return
      end()
      resolve(data)
    }
    const timer = setTimeout(() => {
      end()
      reject(new Error('it took too long'))
    }, within)
    addEventListener('message', listen)
  })
}
