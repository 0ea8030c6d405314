/** Reading server-sent events with `fetch`: parse, resume after a break, stop. */
import { http } from './http'
import { Problem, problemOf } from './problem'

export type Frame = { id: string; data: string }

/** Cuts a stream of bytes, split anywhere, into events. */
export function frameParser(onFrame: (frame: Frame) => void) {
  const decoder = new TextDecoder()
  let rest = ''
  let id = ''
  let data: string[] = []

  function line(text: string) {
    if (text === '') {
      if (data.length > 0) onFrame({ id, data: data.join('\n') })
      data = []
      return
    }
    const colon = text.indexOf(':')
    if (colon === 0) return
    const field = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '')
    if (field === 'id') id = value
    if (field === 'data') data.push(value)
  }

  return {
    push(bytes: Uint8Array) {
      rest += decoder.decode(bytes, { stream: true })
      let from = 0
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', from)) {
        line(rest.slice(from, rest[end - 1] === '\r' ? end - 1 : end))
        from = end + 1
      }
      rest = rest.slice(from)
    },
  }
}

/** Reads one answer to its end. True when `[DONE]` came, false when the connection was lost before. */
export async function readEvents(response: Response, onFrame: (frame: Frame) => void): Promise<boolean> {
  let done = false
  const parser = frameParser((frame) => {
    if (frame.data === '[DONE]') done = true
    else if (!done) onFrame(frame)
  })
  const reader = response.body?.getReader()
  if (!reader) return false
  try {
    for (;;) {
      const { value, done: closed } = await reader.read()
      if (closed) return done
      parser.push(value)
      if (done) return true
    }
  } catch {
    return done
  } finally {
    void reader.cancel().catch(() => undefined)
  }
}

export type Follow = {
  /** Makes a connection that goes on after what is held. A `Problem` that it throws ends the following. */
  open: () => Promise<Response>
  signal: AbortSignal
  onFrame: (frame: Frame) => void
  /** False while the connection is lost and being made again. */
  onConnection?: (up: boolean) => void
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Follows a stream to its end, over as many connections as it takes. 204 says that there is nothing more. */
export async function follow({ open, signal, onFrame, onConnection, wait = pause }: Follow) {
  let attempt = 0
  while (!signal.aborted) {
    try {
      const response = await open()
      if (signal.aborted) {
        void response.body?.cancel().catch(() => undefined)
        return
      }
      if (response.status === 204) return
      onConnection?.(true)
      const finished = await readEvents(response, (frame) => {
        if (signal.aborted) return
        attempt = 0
        onFrame(frame)
      })
      if (finished) return
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof Problem) throw error
    }
    if (signal.aborted) return
    onConnection?.(false)
    await wait(Math.min(8_000, 250 * 2 ** attempt), signal)
    attempt += 1
  }
}

/** Opens an event stream after the event that is held. A server that is not well is asked again later. */
export async function openEvents(url: string, after: string, signal: AbortSignal): Promise<Response> {
  const response = await http(url, { headers: { 'Last-Event-ID': after, Accept: 'text/event-stream' }, signal })
  if (response.ok) return response
  if (response.status >= 500 || response.status === 429) throw new Error(`HTTP ${response.status}`)
  throw await problemOf(response)
}

/** Waits, but not longer than until the network is back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer)
      removeEventListener('online', go)
      signal.removeEventListener('abort', go)
      resolve()
    }
    const timer = setTimeout(go, ms)
    addEventListener('online', go)
    signal.addEventListener('abort', go)
  })
}
