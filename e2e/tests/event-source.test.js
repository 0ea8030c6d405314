// A browser's own EventSource on our streams: with a ticket, with the cookie, and when it connects again by itself.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { PASSWORD } from '../lib/account.js'
import { launch, openPage } from '../lib/browser.js'
import { startPrograms } from '../lib/programs.js'

let programs
let browser
let page
before(async () => {
  programs = await startPrograms()
  browser = await launch()
  ;({ page } = await openPage(browser, programs.url))
  await page.goto('/')
  const account = { username: 'ada', email: 'ada@example.org', password: PASSWORD }
  assert.equal((await ask('POST', '/api/v1/auth/register', account)).status, 201)
  await page.evaluate(() => {
    /** What a stream says until it is over or `enough` was heard. */
    globalThis.hear = (address, enough = Number.POSITIVE_INFINITY) =>
      new Promise((done) => {
        const source = new EventSource(address)
        const heard = []
        let opened = 0
        const close = () => {
          source.close()
          done({ heard, opened })
        }
        source.onopen = () => (opened += 1)
        source.onmessage = ({ data, lastEventId }) => {
          heard.push({ data, id: lastEventId })
          if (heard.length === enough) close()
        }
        source.onerror = () => source.readyState === EventSource.CLOSED && close()
      })
  })
})
after(async () => {
  await browser?.close()
  await programs?.stop()
})

/** Asks in the name of the page, which holds its session in cookies. */
const ask = (method, path, body) =>
  page.evaluate(
    async ([method, path, body]) => {
      const headers = { 'content-type': 'application/json', 'x-colloquy-web': '1' }
      const answer = await fetch(path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
      const text = await answer.text()
      return { status: answer.status, text, json: text.startsWith('{') ? JSON.parse(text) : null }
    },
    [method, path, body],
  )

const hear = (address, enough) => page.evaluate(([address, enough]) => globalThis.hear(address, enough), [address, enough])

const ticket = async () => (await ask('POST', '/api/v1/auth/stream-ticket')).json.ticket

/** Begins an answer and leaves it. */
async function begin(message) {
  const made = (await ask('POST', '/api/v1/conversations', {})).json
  const turn = await page.evaluate(
    async ([message, conversation_id]) => {
      const leaving = new AbortController()
      const answer = await fetch('/api/v1/chat', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ message, conversation_id }),
        signal: leaving.signal,
      })
      const { value } = await answer.body.pipeThrough(new TextDecoderStream()).getReader().read()
      leaving.abort()
      return /"turn_id":(\d+)/.exec(value)[1]
    },
    [message, made.id],
  )
  return { turn, conversation: made.id }
}

const textOf = (heard) =>
  heard
    .filter(({ data }) => data.startsWith('{'))
    .map(({ data }) => JSON.parse(data))
    .map((event) => (event.type === 'chunk' ? (event.content ?? event.delta) : ''))
    .join('')

const WORDS = Array.from({ length: 30 }, (_, at) => `t${String(at + 1).padStart(5, '0')}`).join(' ')

test('it connects again by itself after the end, and hears that there is no more', async () => {
  const { turn } = await begin('[tokens=30 rate=60]')
  const { heard, opened } = await hear(`/api/v1/turns/${turn}/events`)
  assert.equal(textOf(heard), WORDS)
  assert.equal(heard.at(-1).data, '[DONE]')
  assert.equal(opened, 1, 'the second time it was told 204')
  const numbers = heard.slice(0, -1).map(({ id }) => Number(id.split(':')[1]))
  assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b), 'every event once and in order')
})

test('with a ticket no cookie is needed, and another ticket goes on where the first one ended', async () => {
  const { turn } = await begin('[tokens=30 rate=30]')
  const tickets = [await ticket(), await ticket(), await ticket()]
  const kept = await page.context().cookies()
  await page.context().clearCookies()
  const first = await hear(`/api/v1/turns/${turn}/events?ticket=${tickets[0]}`, 4)
  const after = encodeURIComponent(first.heard.at(-1).id)
  const rest = await hear(`/api/v1/turns/${turn}/events?ticket=${tickets[1]}&after=${after}`)
  assert.equal(textOf([...first.heard, ...rest.heard]), WORDS)
  const again = await hear(`/api/v1/turns/${turn}/events?ticket=${tickets[1]}`)
  assert.deepEqual(again, { heard: [], opened: 0 }, 'a ticket is good once')
  await page.context().addCookies(kept)
})

test('it hears a session of the older API, asked by itself or by somebody else', async () => {
  const { conversation } = await begin('[tokens=30 rate=30]')
  const stream = `/sse/sessions/${conversation}/stream`
  const until = (address) =>
    page.evaluate(
      (address) =>
        new Promise((done) => {
          const source = new EventSource(address)
          const heard = []
          source.onmessage = ({ data }) => {
            heard.push({ data })
            if (!JSON.parse(data).done) return
            source.close()
            done(heard)
          }
        }),
      address,
    )
  assert.equal(textOf(await until(stream)), WORDS)
  const asked = await until(`${stream}?prompt=${encodeURIComponent('[tokens=2]')}&ticket=${await ticket()}`)
  assert.equal(textOf(asked), 't00001 t00002')
})
