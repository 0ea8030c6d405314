// A provider that says word for word what a test wants to read, a few characters at a time.

import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** A provider with models of these names. */
export async function startTeller(models = ['teller']) {
  const answers = []
  const asked = []
  // A connection that is kept is never closed here: at that moment the server may be sending on it.
  const kept = { keepAliveTimeout: 0 }
  const server = createServer(
    kept,
    (request, response) => void answer(request, response).catch(() => response.destroy()),
  )

  async function answer(request, response) {
    if (request.url.endsWith('/models'))
      return json(response, { object: 'list', data: models.map((id) => ({ id, object: 'model' })) })
    const body = JSON.parse(await textOf(request))
    const isTitle = body.messages.some(({ content }) => /title for this conversation/i.test(JSON.stringify(content)))
    if (!isTitle) asked.push(body)
    const {
      text,
      reasoning = '',
      rate = 100,
      size = 4,
      ahead = 0,
      behind = '',
      until,
    } = isTitle ? { text: 'A told title' } : (answers.shift() ?? { text: 'Nothing to tell.' })
    if (!body.stream) return json(response, whole(text))
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    for (const [kind, words] of [
      ['reasoning_content', reasoning],
      ['content', text],
    ]) {
      if (ahead > 0 && words) response.write(chunk({ [kind]: words.slice(0, ahead) }))
      // By the clock: waits that each take a little too long would add up to a slower pace.
      let due = performance.now()
      let stop = until && kind === 'content' ? words.indexOf(behind) + behind.length : Number.POSITIVE_INFINITY
      for (let at = ahead; at < words.length && !response.destroyed; at += size) {
        if (at + size > stop) {
          await until
          stop = Number.POSITIVE_INFINITY
          due = performance.now()
        }
        response.write(chunk({ [kind]: words.slice(at, at + size) }))
        if (rate === 0) continue
        due += 1000 / rate
        await sleep(Math.max(0, due - performance.now()))
      }
    }
    response.write(chunk({}, 'stop'))
    response.end('data: [DONE]\n\n')
  }

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** The requests for answers, as they came. */
    asked,
    /**
     * What the next answer says, and thinks before: `size` characters a piece, `rate` pieces a second, 0 for all at once, behind
     * `ahead` characters that come as one. With `until`, what comes after the words `behind` waits for that promise: so long the
     * answer is being written, however slow the machine is.
     */
    next: (text, pace = {}) => void answers.push({ text, ...pace }),
    stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  }
}

/** What is `opened` when somebody says `open`. */
export function gate() {
  let open
  const opened = new Promise((resolve) => {
    open = resolve
  })
  return { open, opened }
}

async function textOf(request) {
  let text = ''
  for await (const piece of request) text += piece
  return text
}

function json(response, body) {
  response.writeHead(200, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(body))
}

const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }

const whole = (content) => ({
  id: 'told',
  object: 'chat.completion',
  model: 'teller',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage,
})

const chunk = (delta, finish_reason = null) =>
  `data: ${JSON.stringify({
    id: 'told',
    object: 'chat.completion.chunk',
    model: 'teller',
    choices: [{ index: 0, delta, finish_reason }],
    ...(finish_reason ? { usage } : {}),
  })}\n\n`
