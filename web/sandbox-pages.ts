/**
 * Builds the sandboxed pages, each as one file that holds its whole script: a page without an origin can load nothing, not
 * even from here. `virtual:sandbox/<name>` is the address of one.
 */
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { build, type Plugin, type Rolldown } from 'vite'

const PREFIX = 'virtual:sandbox/'
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** What diagrams could use and the product has not: a layout with a licence of its own, and formulas as HTML. */
function absent(): Plugin {
  const names = ['elkjs/lib/elk.bundled.js', 'katex']
  const refusal = 'throw new Error("not part of this product")'
  return {
    name: 'absent',
    enforce: 'pre',
    resolveId: (id) => (names.includes(id) ? '\0absent' : undefined),
    load: (id) =>
      id === '\0absent'
        ? `export default class { constructor() { ${refusal} } static renderToString() { ${refusal} } }`
        : undefined,
  }
}

async function scriptOf(name: string): Promise<string> {
  const built = (await build({
    configFile: false,
    logLevel: 'warn',
    plugins: [absent()],
    build: {
      write: false,
      target: 'es2022',
      chunkSizeWarningLimit: Number.POSITIVE_INFINITY,
      modulePreload: false,
      rolldownOptions: {
        input: path(`./src/sandbox/${name}.ts`),
        transform: { define: { 'import.meta': '{}' } },
        output: { format: 'iife', codeSplitting: false },
      },
    },
  })) as Rolldown.RolldownOutput
  // What ends a script in HTML means the same in a string or a pattern with a backslash.
  return built.output[0].code.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')
}

async function pageOf(name: string): Promise<string> {
  const script = await scriptOf(name)
  const style = 'html,body{margin:0;background:transparent}'
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Colloquy</title><style>${style}</style><body><script>${script}</script></body></html>`
}

export function sandboxPages(): Plugin {
  const pages = new Map<string, Promise<string>>()
  const pageNamed = (name: string) => {
    const page = pages.get(name) ?? pageOf(name)
    pages.set(name, page)
    return page
  }
  let serving = false
  return {
    name: 'sandbox-pages',
    configResolved(config) {
      serving = config.command === 'serve'
    },
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : undefined),
    async load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return
      const name = id.slice(PREFIX.length + 1)
      if (serving) return `export const address = '/assets/sandbox/${name}.html'`
      const source = await pageNamed(name)
      const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8)
      const fileName = `assets/sandbox/${name}-${hash}.html`
      this.emitFile({ type: 'asset', fileName, source })
      return `export const address = '/${fileName}'`
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const name = /^\/assets\/sandbox\/(\w+)\.html$/.exec(request.url ?? '')?.[1]
        if (!name) return next()
        pageNamed(name).then((page) => response.setHeader('Content-Type', 'text/html').end(page), next)
      })
    },
  }
}
