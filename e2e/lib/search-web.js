// A piece of the web: a search engine that speaks as SearXNG does, and the pages that it finds.

import { createServer } from 'node:http'

/**
 * Listens. `settings` are what a server needs to know of it; `hits` is what is found; `fails` lets the engine answer with an
 * error; `opens()` lets questions that wait go on, after `holds`; `stop` ends it.
 */
export async function startWeb() {
  const web = { fails: false, hits: [] }
  let held = Promise.resolve()
  const pages = {
    '/tower': '<title>Tower</title><p>The lighthouse tower is 31 metres high.</p>',
    '/sea': '<title>Sea</title><p>The sea around the lighthouse tower is wide.</p>',
  }
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://web')
    if (pathname !== '/search') {
      response.writeHead(pages[pathname] ? 200 : 404, { 'content-type': 'text/html' })
      return response.end(pages[pathname] ?? '')
    }
    await held
    response.writeHead(web.fails ? 500 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ query: '', results: web.hits, unresponsive_engines: [] }))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const place = `127.0.0.1:${server.address().port}`
  web.url = (path) => `http://${place}${path}`
  web.hits = [
    { title: 'The lighthouse', url: web.url('/tower'), content: 'A tower by the sea', engine: 'fake' },
    { title: 'The sea <b>', url: web.url('/sea'), content: 'Water, as far as one sees', engine: 'fake' },
  ]
  web.settings = {
    COLLOQUY__WEB_SEARCH__ENGINES: 'searxng',
    SEARXNG_URL: web.url('/'),
    COLLOQUY__WEB_SEARCH__ALLOWED_HOSTS: place,
  }
  /** From now on questions wait; what is given lets them go on. */
  web.holds = () => {
    let open
    held = new Promise((resolve) => {
      open = resolve
    })
    return open
  }
  web.stop = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return web
}
