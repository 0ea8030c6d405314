// The official Socket.IO client, over websocket and over polling, at both namespaces.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { io } from 'socket.io-client'
import { startPrograms } from '../lib/programs.js'

let programs
let token
const open = []
before(async () => {
  programs = await startPrograms()
  const ada = { username: 'ada', email: 'ada@example.org', password: 'correct horse battery' }
  token = (await ask('POST', '/api/v1/auth/register', ada)).access_token
})
after(() => {
  for (const socket of open) socket.disconnect()
  return programs?.stop()
})

async function ask(method, path, body, by = token) {
  const answer = await fetch(programs.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...(by && { authorization: `Bearer ${by}` }) },
    body: body && JSON.stringify(body),
  })
  assert.ok(answer.ok, `${method} ${path} says ${answer.status}`)
  return answer.status === 204 ? undefined : answer.json()
}

/** A socket that notes every event, in order. */
async function connect(namespace, transport, auth = { token }) {
  const socket = io(programs.url + namespace, {
    auth,
    transports: [transport],
    reconnection: false,
    forceNew: true,
    timeout: 20_000,
  })
  open.push(socket)
  socket.heard = []
  socket.onAny((name, data) => socket.heard.push({ name, data }))
  await new Promise((resolve, reject) => {
    socket.on('connect', resolve)
    socket.on('connect_error', reject)
  })
  return socket
}

async function until(what, holds) {
  const deadline = Date.now() + 20_000
  while (!holds()) {
    assert.ok(Date.now() < deadline, `never: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const names = (socket) => socket.heard.map((one) => one.name)
const of = (socket, name) => socket.heard.filter((one) => one.name === name).map((one) => one.data)
const newConversation = async () =>
  (await ask('POST', '/api/chat/conversations')).data.conversation._id

for (const transport of ['websocket', 'polling']) {
  test(`an answer is heard in the words of the first client, by ${transport}`, async () => {
    const [one, other] = [await connect('/', transport), await connect('/', transport)]
    const conversationId = await newConversation()
    one.emit('join-conversation', { conversationId })
    other.emit('join-conversation', conversationId)
    await until('both have joined', () => [one, other].every((socket) => of(socket, 'joined-conversation').length))
    one.emit('stream-message', { conversationId, message: 'Say it [tokens=3]', model: 'fake' })
    await until('both have heard the end', () => [one, other].every((socket) => of(socket, 'ai-typing-stop').length))
    for (const socket of [one, other]) {
      const order = names(socket).filter((name, at, all) => name !== all[at - 1])
      assert.deepEqual(order, [
        'connected',
        'joined-conversation',
        'message-sent',
        'ai-typing-start',
        'ai-stream-chunk',
        'ai-stream-complete',
        'ai-typing-stop',
      ])
      const chunks = of(socket, 'ai-stream-chunk').map((data) => data.chunk)
      assert.equal(chunks.join(''), 't00001 t00002 t00003')
      const [sent] = of(socket, 'message-sent')
      assert.equal(sent.message.content, 'Say it [tokens=3]')
      assert.equal(sent.message.username, 'ada')
      const [complete] = of(socket, 'ai-stream-complete')
      assert.equal(complete.message.content, 't00001 t00002 t00003')
      assert.equal(complete.conversation.messages.length, 2)
    }
    one.disconnect()
    other.disconnect()
  })

  test(`an answer is heard in the words of the second client, by ${transport}`, async () => {
    const socket = await connect('/chat', transport)
    const { id: sessionId } = await ask('POST', '/sessions', {})
    assert.deepEqual(await socket.emitWithAck('join', { sessionId }), { ok: true })
    const { assistantMessage } = await ask('POST', '/messages', { sessionId, content: 'Say it [tokens=3]' })
    await until('the end was heard', () => of(socket, 'message:done').length)
    const order = names(socket).filter((name, at, all) => name !== 'message:stream' || all[at - 1] !== name)
    assert.deepEqual(order, ['message:new', 'message:new', 'message:stream', 'message:update', 'message:done'])
    const [question, placeholder] = of(socket, 'message:new')
    assert.deepEqual([question.role, question.content], ['user', 'Say it [tokens=3]'])
    assert.deepEqual([placeholder.role, placeholder.content], ['assistant', ''])
    const deltas = of(socket, 'message:stream')
    assert.equal(deltas.map((data) => data.delta).join(''), 't00001 t00002 t00003')
    assert.ok(deltas.every((data) => data.messageId === assistantMessage.id))
    const { id, content } = of(socket, 'message:update')[0]
    assert.deepEqual({ id, content }, { id: assistantMessage.id, content: 't00001 t00002 t00003' })
    socket.disconnect()
  })

  test(`who comes back with a cursor hears the rest, by ${transport}`, async () => {
    const sent = await ask('POST', '/sessions', {})
    const first = await connect('/chat', transport)
    await first.emitWithAck('join', { sessionId: sent.id })
    const answered = ask('POST', '/messages', { sessionId: sent.id, content: '[tokens=120 rate=100]' })
    await until('a part was heard', () => of(first, 'message:stream').length > 5)
    first.disconnect()
    const heard = of(first, 'message:stream')
    const { cursor } = heard.at(-1)
    const second = await connect('/chat', transport)
    await second.emitWithAck('join', { sessionId: sent.id, cursor })
    await until('the end was heard', () => of(second, 'message:done').length)
    const text = [...heard, ...of(second, 'message:stream')].map((data) => data.delta).join('')
    assert.equal(text, (await answered).assistantMessage.content)
    assert.equal(of(second, 'message:new').length, 0, 'the question was heard before')
    second.disconnect()
  })
}

test('who does not say who it is, or says it wrongly, is refused', async () => {
  for (const namespace of ['/', '/chat'])
    for (const [auth, said] of [
      [{}, 'Authentication error: No token provided'],
      [{ token: 'nonsense' }, 'Authentication error: Invalid token or user inactive'],
    ]) {
      await assert.rejects(connect(namespace, 'websocket', auth), { message: said })
    }
})

test('a page of another site does not get in', async () => {
  const path = '/socket.io/?EIO=4&transport=polling'
  const asked = (origin) => fetch(programs.url + path, { headers: { origin } })
  assert.equal((await asked('https://evil.example')).status, 403)
  assert.equal((await asked(programs.url)).status, 200)
})

test('somebody who writes is seen by the others, and not for ever', async () => {
  const [one, other] = [await connect('/', 'websocket'), await connect('/', 'websocket')]
  const conversationId = await newConversation()
  for (const socket of [one, other]) socket.emit('join-conversation', { conversationId })
  await until('both have joined', () => [one, other].every((socket) => of(socket, 'joined-conversation').length))
  one.emit('typing-start', { conversationId })
  await until('it is seen', () => of(other, 'typing-start').length)
  assert.equal(of(other, 'typing-start')[0].username, 'ada')
  const began = Date.now()
  await until('silence ends it', () => of(other, 'typing-stopped').length)
  assert.ok(Date.now() - began > 3_000)
  one.emit('typing-start', { conversationId })
  await until('it is seen again', () => of(other, 'typing-start').length === 2)
  one.disconnect()
  await until('leaving ends it', () => of(other, 'typing-stopped').length === 2)
  assert.deepEqual(of(one, 'typing-start'), [])
  other.disconnect()
})

test('notices reach who is connected', async () => {
  const socket = await connect('/', 'websocket')
  const { data } = await ask('GET', '/api/realtime/status')
  assert.equal(data.isConnected, true)
  const me = of(socket, 'connected')[0].userId
  await ask('POST', `/api/realtime/notify/${me}`, { message: 'Look', data: { n: 1 } })
  await ask('POST', '/api/realtime/broadcast', { message: 'All look', type: 'warning' })
  await until('both came', () => of(socket, 'broadcast').length)
  const { timestamp, ...notice } = of(socket, 'notification')[0]
  assert.deepEqual(notice, { type: 'info', message: 'Look', data: { n: 1 }, from: me })
  assert.equal(of(socket, 'broadcast')[0].type, 'warning')
  socket.disconnect()
})

test('signing out closes the socket at once', async () => {
  const bob = { username: 'bob', email: 'bob@example.org', password: 'correct horse battery' }
  const { access_token } = await ask('POST', '/api/v1/auth/register', bob, undefined)
  const socket = await connect('/', 'websocket', { token: access_token })
  const began = Date.now()
  const closed = new Promise((resolve) => socket.on('disconnect', resolve))
  await ask('POST', '/api/v1/auth/logout', {}, access_token)
  await closed
  assert.ok(Date.now() - began < 1_000)
})
