/** Runs once for all tabs of a browser profile, so that they share one connection: see `hub.ts`. */
import { newsHub } from './hub'
import { openNews } from './open'

const hub = newsHub({ open: openNews })

addEventListener('connect', (event) => {
  const port = event instanceof MessageEvent ? event.ports[0] : undefined
  if (!port) return
  const tell = (message: unknown) => port.postMessage(message)
  port.onmessage = ({ data }) => hub.hear(tell, data)
})
