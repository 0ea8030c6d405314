/** What the page in index.html can only say once the bundle is known. */
import type { Plugin } from 'vite'

type Chunk = { type: string; facadeModuleId?: string | null; fileName: string; imports: string[]; isEntry: boolean }
type Bundle = Record<string, { type: string } | Chunk>

/** The pieces of the app that the script in index.html asks for by address, and where each begins. */
const starts = {
  login: 'src/routes/login.tsx',
  register: 'src/routes/register.tsx',
  reset: 'src/routes/reset.tsx',
  shared: 'src/routes/shared.tsx',
  invite: 'src/routes/invite.tsx',
  person: 'src/routes/person.tsx',
  markdown: 'src/components/markdown/markdown.tsx',
}

/**
 * Writes into the page which files make which piece, so that a browser asks for them together with the app's own and not
 * after it has read it. Whatever the entry imports is in the page already.
 */
export function preloadPieces(): Plugin {
  return {
    name: 'preload-pieces',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const chunks = Object.values((bundle ?? {}) as Bundle).filter((one): one is Chunk => one.type === 'chunk')
        const named = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
        const closure = (chunk: Chunk | undefined, seen: Set<string>) => {
          if (!chunk || seen.has(chunk.fileName)) return seen
          seen.add(chunk.fileName)
          for (const name of chunk.imports) closure(named.get(name), seen)
          return seen
        }
        const entry = closure(
          chunks.find((chunk) => chunk.isEntry && chunk.facadeModuleId?.endsWith('index.html')),
          new Set(),
        )
        const files = Object.entries(starts).map(([name, start]) => {
          const chunk = chunks.find((one) => one.facadeModuleId?.endsWith(start))
          return [name, [...closure(chunk, new Set())].filter((file) => !entry.has(file)).map((file) => `/${file}`)]
        })
        return html.replace('/*pieces*/ {}', () => JSON.stringify(Object.fromEntries(files)))
      },
    },
  }
}

/** The font has a hashed name, so the script in index.html can only be told of it once the bundle is known. */
export function nameFont(): Plugin {
  return {
    name: 'name-font',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const font = Object.keys(bundle ?? {}).find((name) => /inter-latin-wght-normal.*\.woff2$/.test(name))
        return font ? html.replace("/*font*/ ''", () => `'/${font}'`) : html
      },
    },
  }
}

/**
 * Puts the style sheet behind the frame, which has its own styles in the page: so the frame is seen while the sheet is on
 * its way. The app's script waits for the sheet in any case.
 */
export function styleAfterFrame(): Plugin {
  return {
    name: 'style-after-frame',
    transformIndexHtml: {
      order: 'post',
      handler(html) {
        const sheets = html.match(/<link rel="stylesheet"[^>]*>/g) ?? []
        if (sheets.length === 0) return html
        const without = sheets.reduce((text, sheet) => text.replace(sheet, ''), html)
        const preloads = sheets.map((sheet) => sheet.replace('rel="stylesheet"', 'rel="preload" as="style"'))
        return without
          .replace('</title>', `</title>${preloads.join('')}`)
          .replace('</body>', `${sheets.join('')}</body>`)
      },
    },
  }
}
