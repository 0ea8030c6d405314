// OpenAI's own client for Python, at our address. The tests are in `python/openai_sdk.py`.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { keyOf } from '../lib/account.js'
import { startPrograms } from '../lib/programs.js'

const PYTHON = process.env.PYTHON_BIN ?? new URL('../../target/e2e-python/bin/python', import.meta.url).pathname

let programs
before(async () => {
  programs = await startPrograms({ vision: ['fake'] })
})
after(() => programs?.stop())

test('it finds models, answers, streams, tools, images, vectors and its classes of errors', async () => {
  const script = new URL('../python/openai_sdk.py', import.meta.url).pathname
  const env = { PATH: process.env.PATH, COLLOQUY_URL: programs.url, COLLOQUY_KEY: await keyOf(programs.url) }
  const python = spawn(PYTHON, ['-I', script], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [python.stdout, python.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text))
  const [code] = await once(python, 'close')
  assert.equal(code, 0, said)
  assert.match(said, /\nOK\n$/)
})
