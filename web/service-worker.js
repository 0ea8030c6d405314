/**
 * Keeps the shell of the app, so that it opens without a network: the page, its code, its styles and its font. Nothing that
 * the server says of anybody is ever kept: requests to an API are not even looked at.
 *
 * The build writes the version and the files. A new version waits until no tab uses the one before, or until a person asks
 * for it; the page itself comes from the network whenever there is one.
 */
const version = '/*version*/'
const files = [
  /*files*/
]
const shell = `colloquy-shell-${version}`
const page = '/'

/** The page as browsers ask for it: programs are told something else there. */
const askForPage = () => new Request(page, { cache: 'reload', headers: { Accept: 'text/html' } })

/** Paths that are not the app's: what they answer is never the page. */
const foreign = /^\/(api|v1|auth|sse|socket\.io|webhooks|health|ready|metrics|docs|redoc|openapi(\.json)?)(\/|$)/

addEventListener('install', (event) => {
  event.waitUntil(caches.open(shell).then((cache) => cache.addAll([askForPage(), ...files])))
})

addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== shell).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  )
})

addEventListener('message', ({ data }) => {
  if (data === 'take over') skipWaiting()
})

addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin || foreign.test(pathname)) return
  if (request.mode === 'navigate') event.respondWith(fetch(request).catch(() => kept(page)))
  else if (files.includes(pathname)) event.respondWith(kept(pathname).catch(() => fetch(request)))
})

/** Whoever asks: what is kept of the page is the page. */
async function kept(path) {
  const response = await (await caches.open(shell)).match(path, { ignoreVary: true })
  if (!response) throw new TypeError(`${path} is not kept`)
  return response
}
