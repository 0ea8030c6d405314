/** Reading server-sent events, in a page or a worker. */

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

/** Reads one answer to its end. True when `[DONE]` came, false when the connection was lost or cut before. */
export async function readEvents(
  response: Response,
  onFrame: (frame: Frame) => void,
  cut?: AbortSignal,
): Promise<boolean> {
  let done = false
  const parser = frameParser((frame) => {
    if (frame.data === '[DONE]') done = true
    else if (!done) onFrame(frame)
  })
  const reader = response.body?.getReader()
  if (!reader) return false
  const leave = () => void reader.cancel().catch(() => undefined)
  cut?.addEventListener('abort', leave)
  if (cut?.aborted) leave()
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
    cut?.removeEventListener('abort', leave)
    leave()
  }
}
