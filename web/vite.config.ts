import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { nameFont, preloadPieces, styleAfterFrame } from './page-plugins.ts'
import { referencePages } from './reference-pages.ts'
import { sandboxPages } from './sandbox-pages.ts'
import { serviceWorker } from './service-worker-plugin.ts'

/** The name of the host stays as the browser says it: the server takes a sign-in from its own origin only. */
const server = { target: 'http://127.0.0.1:3000', changeOrigin: false }

/** Every browser that runs the app reads woff2: the older copies of KaTeX's fonts stay out of the build. */
function onlyWoff2(): Plugin {
  return {
    name: 'only-woff2',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('katex.min.css')) return
      return code.replace(/,url\([^)]+\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)/g, '')
    },
  }
}

/**
 * Few files, so that a first page is not many requests: what every page needs, what dialogs and menus are made of, and what
 * several pages share. Left alone, the bundler makes a file of each set of pages that have something in common.
 */
const isOverlay = /node_modules.(@radix-ui|@floating-ui|react-remove-scroll|aria-hidden)|ui.(dialog|sheet-handle)\.tsx/
const isChat =
  /web.src.(features.(chat|conversations|models|files|people|usage)|components.(?!ui|choice|copy-field|markdown.(?:split|tidy))|lib.(clipboard|commands|download|news|use-media))|ui.(icon-button|tooltip)|icons.(arrow-left|calculator|clock|copy|download|file-text|globe|wrench)\.|[iI]nfiniteQuery/
/** Shared by few pages and not by all: files of their own, or, of the words, nearly one page's alone. */
const isApart =
  /locales.(en-person|person-words)|components.(markdown.(split|tidy-math)|copy-field|ui.select-field)|accounts.api-keys|features.billing|(en-billing|billing-words)/
const isBase = (id: string) =>
  /web.src|lucide-react/.test(id) && !isOverlay.test(id) && !isChat.test(id) && !isApart.test(id)
const groups = [
  { name: 'base', tags: ['$initial' as const] },
  { name: 'base', test: isBase, minShareCount: 2 },
  { name: 'overlay', test: isOverlay },
  { name: 'chat', test: isChat, minShareCount: 2 },
]

export default defineConfig({
  plugins: [
    react(),
    tailwindcss(),
    nameFont(),
    preloadPieces(),
    styleAfterFrame(),
    onlyWoff2(),
    sandboxPages(),
    referencePages(),
    serviceWorker(),
  ],
  resolve: {
    alias: {
      // The package names its development build for every use; this one leaves the warnings to developers out.
      'react-router': fileURLToPath(new URL('./node_modules/react-router/dist/production/index.mjs', import.meta.url)),
      // The package's browser variant sets innerHTML, which Trusted Types forbid, and the other brings the whole table.
      'decode-named-character-reference': fileURLToPath(new URL('./src/lib/decode-entity.ts', import.meta.url)),
    },
  },
  // The server knows workers by where they lie, and lets them do less than a page.
  worker: { rolldownOptions: { output: { entryFileNames: 'assets/workers/[name]-[hash].js' } } },
  build: {
    target: 'es2022',
    sourcemap: false,
    manifest: true,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups } } },
    assetsInlineLimit: 0,
  },
  server: { proxy: { '/api': server, '/v1': server, '/health': server } },
})
