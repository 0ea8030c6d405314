// OpenAI's own client, at our address: models, answers, streams, tools and its classes of errors.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import OpenAI from 'openai'
import { keyOf } from '../lib/account.js'
import { startPrograms } from '../lib/programs.js'

let programs
let client
before(async () => {
  programs = await startPrograms({ vision: ['fake'] })
  client = clientWith(await keyOf(programs.url))
})
after(() => programs?.stop())

const clientWith = (apiKey) => new OpenAI({ baseURL: `${programs.url}/v1`, apiKey, maxRetries: 0 })
const said = (content) => [{ role: 'user', content }]
const tools = [
  {
    type: 'function',
    function: { name: 'look', parameters: { type: 'object', properties: { query: { type: 'string' } } } },
  },
]

test('models are listed and found', async () => {
  const list = await client.models.list()
  const names = list.data.map((model) => model.id)
  assert.ok(names.includes('fake'))
  assert.equal((await client.models.retrieve('fake')).id, 'fake')
})

test('an answer comes whole', async () => {
  const answer = await client.chat.completions.create({ model: 'fake', messages: said('Hello [tokens=3]') })
  assert.equal(answer.choices[0].message.content, 't00001 t00002 t00003')
  assert.equal(answer.choices[0].finish_reason, 'stop')
  assert.equal(answer.usage.completion_tokens, 3)
})

test('an answer comes as a stream that says what it cost', async () => {
  const stream = await client.chat.completions.create({
    model: 'fake',
    messages: said('Hello [tokens=3]'),
    stream: true,
    stream_options: { include_usage: true },
  })
  let text = ''
  let usage
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? ''
    usage = chunk.usage ?? usage
  }
  assert.equal(text, 't00001 t00002 t00003')
  assert.equal(usage.total_tokens, 5)
})

test('a stream that is left stops the provider', async () => {
  const before = (await programs.seen('disconnects')).length
  const messages = said('[tokens=100000 rate=100]')
  const stream = await client.chat.completions.create({ model: 'fake', messages, stream: true })
  for await (const chunk of stream) if (chunk.choices[0].delta.content?.includes('t00003')) break
  const deadline = Date.now() + 5_000
  while ((await programs.seen('disconnects')).length === before) assert.ok(Date.now() < deadline, 'it goes on')
})

test('tools are called and their results come back, by its helper for streams too', async () => {
  const messages = said('Look [toolcall=look args=rust]')
  const asked = await client.chat.completions.create({ model: 'fake', messages, tools, tool_choice: 'required' })
  const { message, finish_reason } = asked.choices[0]
  assert.equal(finish_reason, 'tool_calls')
  assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), { query: 'rust' })
  const result = { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'found' }
  const answered = await client.chat.completions.create({
    model: 'fake',
    messages: [...messages, message, result],
    tools,
  })
  assert.equal(answered.choices[0].finish_reason, 'stop')

  const gathered = await client.chat.completions.stream({ model: 'fake', messages, tools }).finalChatCompletion()
  assert.deepEqual(gathered.choices[0].message.tool_calls[0].function, message.tool_calls[0].function)
})

test('an image goes to the model', async () => {
  const url =
    'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  const content = [
    { type: 'text', text: 'What is it? [tokens=1]' },
    { type: 'image_url', image_url: { url } },
  ]
  const answer = await client.chat.completions.create({ model: 'fake', messages: [{ role: 'user', content }] })
  assert.equal(answer.choices[0].message.content, 't00001')
  const asked = (await programs.seen('requests')).at(-1).body.messages.at(-1).content
  assert.ok(asked.some((part) => part.type === 'image_url' && part.image_url.url === url))
})

test('texts become vectors, however they are written', async () => {
  // This client asks for base64 by itself and unpacks it.
  const made = await client.embeddings.create({ model: 'fake-embed', input: ['one two', 'three'] })
  assert.deepEqual(
    made.data.map((one) => one.index),
    [0, 1],
  )
  assert.equal(made.usage.prompt_tokens, 3)
  const asked = { model: 'fake-embed', input: 'three', encoding_format: 'float' }
  const [{ embedding }] = (await client.embeddings.create(asked)).data
  assert.deepEqual(Array.from(made.data[1].embedding), embedding)
  const short = await client.embeddings.create({ model: 'fake-embed', input: [[1, 2], [3]], dimensions: 3 })
  assert.equal(short.data[1].embedding.length, 3)
})

test('what is refused has its class of error', async () => {
  const asking = (content, model = 'fake', with_ = client) =>
    with_.chat.completions.create({ model, messages: said(content) })
  await assert.rejects(asking('x', 'fake', clientWith('sk-clq-nothing')), (error) => {
    assert.ok(error instanceof OpenAI.AuthenticationError)
    assert.equal(error.code, 'invalid_api_key')
    return true
  })
  await assert.rejects(asking('x', 'none'), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError)
    assert.equal(error.code, 'model_not_found')
    assert.equal(error.param, 'model')
    return true
  })
  await assert.rejects(client.chat.completions.create({ model: 'fake', messages: [] }), OpenAI.BadRequestError)
  await assert.rejects(asking('[status=429 retry_after=60]'), (error) => {
    assert.ok(error instanceof OpenAI.RateLimitError)
    assert.equal(error.headers.get('retry-after'), '60')
    return true
  })
  await assert.rejects(asking('[status=401]'), OpenAI.InternalServerError)
  await assert.rejects(client.embeddings.create({ model: 'fake-embed', input: [] }), OpenAI.BadRequestError)
  await assert.rejects(client.embeddings.create({ model: 'fake', input: 'x' }), OpenAI.BadRequestError)

  const cut = await client.chat.completions.create({
    model: 'fake',
    messages: said('[tokens=5 cut=2]'),
    stream: true,
  })
  await assert.rejects(async () => {
    for await (const chunk of cut) assert.ok(chunk)
  }, OpenAI.APIError)
})
