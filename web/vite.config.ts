import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { sandboxPages } from './sandbox-pages.ts'

/** The name of the host stays as the browser says it: the server takes a sign-in from its own origin only. */
const server = { target: 'http://127.0.0.1:3000', changeOrigin: false }

/** The font has a hashed name, so its preload can only be written once the bundle is known. */
function preloadFont(): Plugin {
  return {
    name: 'preload-font',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const font = Object.keys(bundle ?? {}).find((name) => /inter-latin-wght-normal.*\.woff2$/.test(name))
        if (!font) return []
        const attrs = { rel: 'preload', as: 'font', type: 'font/woff2', href: `/${font}`, crossorigin: '' }
        return [{ tag: 'link', attrs, injectTo: 'head' }]
      },
    },
  }
}

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

export default defineConfig({
  plugins: [react(), tailwindcss(), preloadFont(), onlyWoff2(), sandboxPages()],
  resolve: {
    alias: {
      // The browser variant decodes `&amp;` by innerHTML, which Trusted Types forbid; this one has a table.
      'decode-named-character-reference': fileURLToPath(
        new URL('./node_modules/decode-named-character-reference/index.js', import.meta.url),
      ),
    },
  },
  // The server knows workers by where they lie, and lets them do less than a page.
  worker: { rolldownOptions: { output: { entryFileNames: 'assets/workers/[name]-[hash].js' } } },
  build: {
    target: 'es2022',
    sourcemap: false,
    manifest: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: { proxy: { '/api': server, '/v1': server, '/health': server } },
})
