// The commands of the README and of each API's own documentation, run by a shell.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { keyOf } from '../lib/account.js'
import { startPrograms } from '../lib/programs.js'

const run = promisify(execFile)

let programs
let key
before(async () => {
  programs = await startPrograms()
  key = await keyOf(programs.url)
})
after(() => programs?.stop())

/** Runs commands, one after the other, and gives what they print. The first that fails ends them. */
async function shell(commands, more = {}) {
  const env = { PATH: process.env.PATH, URL: programs.url, JSON: 'Content-Type: application/json', KEY: key, ...more }
  const { stdout } = await run('sh', ['-euc', commands], { env, timeout: 60_000 })
  return stdout
}

/** What a stream of events says. */
const events = (text) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)))

const said = (all, word) => all.map(word).filter(Boolean).join('')

test('the commands of the README sign up and stream an answer', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const block = readme.split('```').find((text) => text.includes('/api/v1/auth/register'))
  const commands = block
    .replace(/^\w*\n/, '')
    .replaceAll('localhost:3000', programs.url)
    .replaceAll('ada', 'readme')
    .replaceAll('"Hello"', '"Hello [tokens=3]"')
  const printed = await shell(`cd "$(mktemp -d)"\n${commands}`)
  assert.equal(
    said(events(printed), (event) => event.type === 'chunk' && event.content),
    't00001 t00002 t00003',
  )
  assert.match(printed, /\ndata: \[DONE\]\n/)
})

test('native: a form signs in as OAuth2 does, and a turn is followed from where it was left', async () => {
  const printed = await shell(`
    TOKEN=$(curl -sS -f $URL/api/v1/auth/login -d username=ada --data-urlencode 'password=correct horse battery' |
      sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
    TURN=$(curl -sS -f $URL/api/v1/chat/simple -H "Authorization: Bearer $TOKEN" -H "$JSON" \\
      -d '{"message":"[tokens=2]"}' | sed 's/.*"turn_id":\\([0-9]*\\).*/\\1/')
    curl -sS -f -N $URL/api/v1/turns/$TURN/events -H "Authorization: Bearer $TOKEN" -H "Last-Event-ID: $TURN:1"`)
  assert.equal(
    said(events(printed), (event) => event.content),
    't00001 t00002',
  )
})

test('openai: models, an answer, a stream and vectors, by a key', async () => {
  const curl = 'curl -sS -f -N -H "Authorization: Bearer $KEY" -H "$JSON"'
  const models = JSON.parse(await shell(`${curl} $URL/v1/models`))
  assert.ok(models.data.some((model) => model.id === 'fake-embed'))
  const body = '{"model":"fake","messages":[{"role":"user","content":"[tokens=2]"}]'
  const whole = JSON.parse(await shell(`${curl} $URL/v1/chat/completions -d '${body}}'`))
  assert.equal(whole.choices[0].message.content, 't00001 t00002')
  const streamed = await shell(`${curl} $URL/v1/chat/completions -d '${body},"stream":true}'`)
  assert.equal(
    said(events(streamed), (chunk) => chunk.choices[0]?.delta.content),
    't00001 t00002',
  )
  const vectors = JSON.parse(await shell(`${curl} $URL/v1/embeddings -d '{"model":"fake-embed","input":["a","b"]}'`))
  assert.equal(vectors.data.length, 2)
})

test('personale: a token, a session and a stream', async () => {
  const printed = await shell(`
    TOKEN=$(curl -sS -f $URL/api/auth/register -H "$JSON" -d '{"email":"p@example.org","password":"secret"}' |
      sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
    ID=$(curl -sS -f -X POST $URL/api/sessions -H "Authorization: Bearer $TOKEN" | sed 's/.*"id":"\\([0-9]*\\)".*/\\1/')
    curl -sS -f -N $URL/api/chat/stream -H "Authorization: Bearer $TOKEN" -H "$JSON" \\
      -d '{"sessionId":"'$ID'","model":"gpt-4o-mini","messages":[{"role":"user","content":"[tokens=2]"}]}'`)
  assert.equal(
    said(events(printed), (event) => event.type === 'chunk' && event.delta),
    't00001 t00002',
  )
})

test('express: a token in a cookie, a conversation and a message', async () => {
  const printed = await shell(`
    cd "$(mktemp -d)"
    curl -sS -f -c jar -o made $URL/api/auth/register -H "$JSON" \\
      -d '{"username":"express","email":"e@example.org","password":"secret1"}'
    ID=$(curl -sS -f -b jar $URL/api/chat/conversations -H "$JSON" -d '{"title":"By curl"}' |
      grep -o '"_\\{0,1\\}id":"[0-9a-f]\\{24\\}"' | head -n 1 | grep -o '[0-9a-f]\\{24\\}')
    curl -sS -f -b jar -o said $URL/api/chat/conversations/$ID/messages -H "$JSON" -d '{"message":"[tokens=2]"}'
    curl -sS -f -b jar $URL/api/chat/conversations/$ID`)
  const { messages } = JSON.parse(printed).data.conversation
  assert.deepEqual(
    messages.map((message) => message.content),
    ['[tokens=2]', 't00001 t00002'],
  )
})

test('nest: a token, a session, a stream of lines and one of events', async () => {
  const printed = await shell(`
    TOKEN=$(curl -sS -f $URL/auth/register -H "$JSON" -d '{"email":"n@example.org","password":"secret12"}' |
      sed 's/.*"access_\\{0,1\\}[tT]oken":"\\([^"]*\\)".*/\\1/')
    ID=$(curl -sS -f $URL/sessions -H "Authorization: Bearer $TOKEN" -H "$JSON" -d '{}' | sed 's/.*"id":"\\([0-9]*\\)".*/\\1/')
    curl -sS -f -N $URL/messages/stream -H "Authorization: Bearer $TOKEN" -H "$JSON" \\
      -d '{"sessionId":"'$ID'","prompt":"[tokens=2]"}'
    curl -sS -f -N -G $URL/sse/sessions/$ID/stream -H "Authorization: Bearer $TOKEN" \\
      --data-urlencode 'prompt=[tokens=3]'`)
  const lines = printed.split('\n').filter((line) => line.startsWith('{'))
  assert.equal(
    said(lines, (line) => JSON.parse(line).delta),
    't00001 t00002',
  )
  assert.equal(
    said(events(printed), (event) => event.delta),
    't00001 t00002 t00003',
  )
})

test('chronochat: a token and a message', async () => {
  const printed = await shell(`
    curl -sS -f -o /dev/null $URL/api/auth/register -H "$JSON" \\
      -d '{"username":"chrono","email":"c@example.org","password":"Secret123","confirm_password":"Secret123"}'
    TOKEN=$(curl -sS -f $URL/api/auth/login -H "$JSON" -d '{"username":"chrono","password":"Secret123"}' |
      sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
    curl -sS -f $URL/api/chat/send -H "Authorization: Bearer $TOKEN" -H "$JSON" -d '{"message":"[tokens=2]"}'`)
  assert.ok(printed.includes('t00001 t00002'), printed)
})
