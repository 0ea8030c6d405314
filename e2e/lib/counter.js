// A way to the server on which the connections are counted that hold a stream of news.

import { createServer, request as ask } from 'node:http'
import { pipeline } from 'node:stream'

const NEWS = '/api/v1/events'

/** Passes everything on to the server at `home`. `open` is how many streams of news there are, `most` how many there were. */
export async function startCounter(home) {
  const { hostname, port } = new URL(home)
  const counted = { open: 0, most: 0 }
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    if (request.url === NEWS) {
      counted.open += 1
      counted.most = Math.max(counted.most, counted.open)
      response.once('close', () => (counted.open -= 1))
    }
    const { method, url: path, headers } = request
    const onward = ask({ hostname, port, method, path, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers)
      // A stream's first words may be long in coming.
      response.flushHeaders()
      pipeline(answer, response, () => onward.destroy())
    })
    onward.on('error', () => response.destroy())
    response.once('close', () => onward.destroy())
    request.pipe(onward)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    counted,
    stop() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}
