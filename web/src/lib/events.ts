/** Following a stream of server-sent events with `fetch`: resume after a break, rest while nobody looks, stop. */
import { type Frame, readEvents } from './frames'
import { http } from './http'
import { pause } from './pause'
import { Problem, problemOf } from './problem'

/** Tells when nobody looks: `watch` cuts the connection then, until it is forgotten; `back` waits until somebody does. */
export type Rest = { watch: (cut: AbortController) => () => void; back: (signal: AbortSignal) => Promise<void> }

export type Follow = {
  /** Makes a connection that goes on after what is held. A `Problem` that it throws ends the following. */
  open: () => Promise<Response>
  signal: AbortSignal
  onFrame: (frame: Frame) => void
  /** False while the connection is lost and being made again. */
  onConnection?: (up: boolean) => void
  /** Says when the connection may be given up for a while, and when it is wanted again. */
  rest?: Rest
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Follows a stream to its end, over as many connections as it takes. 204 says that there is nothing more. */
export async function follow({ open, signal, onFrame, onConnection, rest, wait = pause }: Follow) {
  let attempt = 0
  while (!signal.aborted) {
    const cut = new AbortController()
    const forget = rest?.watch(cut)
    try {
      const response = await open()
      if (signal.aborted) {
        void response.body?.cancel().catch(() => undefined)
        return
      }
      if (response.status === 204) return
      onConnection?.(true)
      const finished = await readEvents(
        response,
        (frame) => {
          if (signal.aborted) return
          attempt = 0
          onFrame(frame)
        },
        cut.signal,
      )
      if (finished) return
      if (cut.signal.aborted && !signal.aborted) {
        await rest?.back(signal)
        continue
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof Problem) throw error
    } finally {
      forget?.()
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
