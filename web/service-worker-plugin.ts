/** Writes `sw.js`: the service worker with the files that it keeps, and a version that changes with any of them. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

/** What a page may need while there is no network: code without formulas and code colours, styles, and the one font. */
const isShell = (name: string) =>
  !name.startsWith('assets/reference/') &&
  ((/\.(js|css)$/.test(name) && !/(math|highlight)-/.test(name)) || /inter-latin-wght-normal.*\.woff2$/.test(name))

const always = ['/favicon.svg', '/manifest.webmanifest', '/icons/192.png']

export function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const built = Object.values(bundle)
      const files = built.map(({ fileName }) => fileName).filter((name) => name.startsWith('assets/') && isShell(name))
      const page = bundle['index.html']
      const source = readFileSync(new URL('./service-worker.js', import.meta.url), 'utf8')
      const hash = createHash('sha256').update(source).update(files.toSorted().join())
      if (page?.type === 'asset') hash.update(page.source)
      const list = [...always, ...files.map((name) => `/${name}`)].map((name) => JSON.stringify(name)).join()
      const written = source.replace('/*version*/', hash.digest('hex').slice(0, 16)).replace('/*files*/', () => list)
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: written })
    },
  }
}
