/**
 * The page that draws diagrams: a document of its own without an origin, which can load nothing and reaches nobody. The app
 * gives it a source and takes the drawing as text, to show it as an image, in which nothing runs.
 */
import mermaid from 'mermaid'
import type { DrawFailure, DrawReply, DrawRequest, Ready } from './messages'
import { themeOf } from './theme'
import { tidyDrawing } from './tidy-drawing'

/** Words in a drawing have the same font here, where they are measured, and in the image, which loads none. */
const fontFamily = 'system-ui, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif'

/** What no diagram may change for itself. */
const secure = [
  'secure',
  'securityLevel',
  'startOnLoad',
  'maxTextSize',
  'maxEdges',
  'suppressErrorRendering',
  'htmlLabels',
  'layout',
  'fontFamily',
  'themeCSS',
  'dompurifyConfig',
  'deterministicIds',
]

function prepare(dark: boolean) {
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    suppressErrorRendering: true,
    htmlLabels: false,
    layout: 'dagre',
    maxEdges: 400,
    fontFamily,
    theme: 'base',
    themeVariables: { ...themeOf(dark), fontFamily, fontSize: '14px' },
    secure,
  })
}

/** What is asked for and not there: a layout that is no part of the product, and images of elsewhere in shapes. */
const simplified = (source: string) =>
  source
    .replace(/^(\s*)flowchart-elk\b/m, '$1flowchart')
    .replace(/@\{[^}]*\}/g, (shape) => shape.replace(/\bimg\s*:\s*(?:"[^"]*"|[^,}\s]+)\s*,?/g, ''))

async function draw({ id, source, dark }: DrawRequest): Promise<DrawReply | DrawFailure> {
  try {
    prepare(dark)
    const { svg } = await mermaid.render(`drawing-${id}`, simplified(source))
    return { id, ...tidyDrawing(svg, dark) }
  } catch (error) {
    return { id, error: error instanceof Error ? error.message.slice(0, 300) : '' }
  }
}

const say = (message: Ready | DrawReply | DrawFailure) => parent.postMessage(message, '*')

let turn: Promise<void> = Promise.resolve()
addEventListener('message', ({ source, data }: MessageEvent<DrawRequest>) => {
  if (source !== parent) return
  // One after the other: the settings are the library's own, for all drawings.
  turn = turn.then(async () => say(await draw(data)))
})
say({ ready: true })
