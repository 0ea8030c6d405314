/**
 * Builds the pages that show the API, `/docs` and `/redoc`: each is a tool as its makers built it, and one script of ours.
 * They are no part of the app: nothing of theirs is loaded by it, or kept for it.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import type { Plugin } from 'vite'

const tools = {
  docs: {
    tool: 'swagger',
    title: 'API reference',
    other: ['redoc', 'Read it as one page'],
    styles: ['node_modules/swagger-ui-dist/swagger-ui.css', 'reference/reference.css'],
    script: 'node_modules/swagger-ui-dist/swagger-ui-bundle.js',
    notices: ['node_modules/swagger-ui-dist/NOTICE', 'node_modules/swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt'],
  },
  redoc: {
    tool: 'redoc',
    title: 'API reference',
    other: ['docs', 'Try it'],
    styles: ['reference/reference.css'],
    script: 'node_modules/redoc/bundles/redoc.standalone.js',
    notices: ['node_modules/redoc/LICENSE', 'node_modules/redoc/bundles/redoc.standalone.js.LICENSE.txt'],
  },
} as const

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

/** The picture beside the name of its makers, which the tool would load from them. */
const FOREIGN_PICTURE = 'https://cdn.redoc.ly/redoc/logo-mini.svg'
const NO_PICTURE = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"

/** A tool's script as it is served: it loads nothing from elsewhere, and names no map that is not there. */
function scriptOf({ tool, script }: (typeof tools)[keyof typeof tools]): string {
  const text = read(script).replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n')
  if (tool !== 'redoc') return text
  if (text.split(FOREIGN_PICTURE).length !== 2) throw new Error(`${script} loads other pictures than it did`)
  return text.replace(FOREIGN_PICTURE, NO_PICTURE)
}

export function referencePages(): Plugin {
  return {
    name: 'reference-pages',
    apply: 'build',
    generateBundle() {
      const emit = (name: string, source: string) => {
        const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8)
        const kind = extname(name)
        const fileName = `assets/reference/${name.slice(0, -kind.length)}-${hash}${kind}`
        this.emitFile({ type: 'asset', fileName, source })
        return `/${fileName}`
      }
      const own = emit('reference.js', read('reference/reference.js'))
      for (const [name, page] of Object.entries(tools)) {
        const styles = page.styles.map((path) => emit(path.split('/').at(-1) ?? path, stylesOf(path)))
        const script = emit(`${page.tool}.js`, scriptOf(page))
        const notices = emit(`${page.tool}.txt`, page.notices.map(read).join('\n'))
        const [address, words] = page.other
        const source = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Colloquy: ${page.title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
${styles.map((href) => `<link rel="stylesheet" href="${href}">`).join('\n')}
</head>
<body data-tool="${page.tool}">
<header id="head">
<a href="/">Colloquy</a>
<label>API <select id="documents"></select></label>
<nav><a href="/${address}">${words}</a></nav>
<a href="${notices}">Licences of this page</a>
</header>
<main id="reference"></main>
<script src="${script}" defer></script>
<script src="${own}" type="module"></script>
</body>
</html>
`
        this.emitFile({ type: 'asset', fileName: `reference/${name}.html`, source })
      }
    },
  }
}

const stylesOf = (path: string) => read(path).replace(/\n?\/\*# sourceMappingURL=.*\*\/\s*$/, '\n')
