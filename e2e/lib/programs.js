// The programs under test: the built server with an empty data directory, and a provider that plays a script.

import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Starts both. `stop` ends them and removes their data. `provider` is the address of another provider, or null for a
 * server that was given no key. With `mail`, letters go to a mail server; `letters()` are those that it has. `vision` names
 * the models that see, `tools` those that call tools; `settings` are more variables.
 */
export async function startPrograms(options = {}) {
  const data = await mkdtemp(join(tmpdir(), 'colloquy-e2e-'))
  const fake = options.provider === undefined ? start(program('FAKE_OPENAI_BIN', 'fake-openai'), [], {}) : null
  const provider = fake ? await lineOf(fake, /listening on (http:\S+)\n/) : options.provider
  const smtp = options.mail ? start(program('FAKE_SMTP_BIN', 'fake-smtp'), [], {}) : null
  const mail = smtp && (await lineOf(smtp, /listening on (smtp:\S+)\n/))
  const settings = {
    cwd: data,
    env: {
      COLLOQUY_DATA_DIR: join(data, 'data'),
      // Every test makes people of its own.
      COLLOQUY__AUTH__LIMITS__SIGN_UP_ADDRESS_PER_HOUR: '0',
      COLLOQUY__AUTH__LIMITS__RESET_ADDRESS_PER_HOUR: '0',
      // Some say more than a month of a plan allows.
      COLLOQUY__BILLING__ENFORCED: 'false',
      // All of them come from one address, and faster than people do.
      COLLOQUY__LIMITS__PER_USER: '0',
      COLLOQUY__LIMITS__PER_ADDRESS: '0',
      COLLOQUY__LIMITS__ALL_PER_ADDRESS: '0',
      COLLOQUY__LIMITS__SIGN_INS_PER_ADDRESS: '0',
      COLLOQUY__LIMITS__ASKS_PER_USER: '0',
      ...(mail ? { COLLOQUY__MAIL__URL: mail, COLLOQUY__MAIL__FROM: 'Chat <chat@example.org>' } : {}),
      ...settingsOf(provider, options),
      ...options.settings,
    },
  }
  const endOthers = () => Promise.all([fake && end(fake), smtp && end(smtp)])
  const { url, readyAfter, ...first } = await startServer(settings).catch(async (error) => {
    // Else the test would wait for them, and never say so.
    await endOthers()
    throw error
  })
  let { server } = first
  return {
    url,
    said: () => server.said,
    // The last line may be half here.
    letters: () => [...smtp.said.matchAll(/^(\{.*\})\n/gm)].map(([, line]) => JSON.parse(line)),
    readyAfter,
    /** What the fake provider has seen: `requests`, `disconnects` or `counts`. */
    seen: async (what) => (await fetch(`${provider}/_fake/${what}`)).json(),
    /** The server ends at once, as when the power fails. */
    kill: () => end(server, 'SIGKILL'),
    /** It is there again, at the same address. */
    async restart() {
      ;({ server } = await startServer(settings, Number(new URL(url).port)))
    },
    async stop() {
      await Promise.all([end(server), endOthers()])
      await rm(data, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

/** Starts a payment gateway that looks like Konnect. `settings` are what a server needs to take payments there. */
export async function startGateway() {
  const gateway = start(program('FAKE_KONNECT_BIN', 'fake-konnect'), [], {})
  const url = await lineOf(gateway, /listening on (http:\S+)\n/)
  const settings = { KONNECT_API_URL: `${url}/api/v2`, KONNECT_SECRET_KEY: 'e2e', KONNECT_MERCHANT_ID: 'wallet' }
  return { url, settings, stop: () => end(gateway) }
}

/**
 * Starts the server on `given`, or a port that is free. Should another program take that at the same moment, then on
 * another one.
 */
async function startServer(options, given) {
  for (let tries = 0; ; tries += 1) {
    const port = given ?? (await freePort())
    const begun = performance.now()
    const server = start(program('COLLOQUY_BIN', 'colloquy'), ['--port', String(port)], options)
    const url = `http://127.0.0.1:${port}`
    // What answers there is this server, and no other that has the port.
    const isReady = async () => server.said.includes(`listening on ${url}`) && (await fetch(`${url}/health`)).ok
    const hasEnded = () => server.exitCode !== null
    await until(
      async () => hasEnded() || isReady(),
      () => server.said,
      120_000,
      10,
    )
    if (!hasEnded()) return { server, url, readyAfter: performance.now() - begun }
    if (tries === 4) throw new Error(`the server ended:\n${server.said}`)
  }
}

function settingsOf(provider, { vision, tools }) {
  if (!provider) return {}
  const base = `${provider}/v1`
  if (!vision && !tools) return { OPENAI_BASE_URL: base, OPENAI_API_KEY: 'sk-e2e' }
  return { COLLOQUY__PROVIDERS: JSON.stringify([{ name: 'fake', base_url: base, api_key: 'sk-e2e', vision, tools }]) }
}

function program(variable, name) {
  return process.env[variable] ?? new URL(`../../target/debug/${name}`, import.meta.url).pathname
}

function start(path, args, { cwd, env }) {
  // Nothing of the caller's environment may change what is tested.
  const child = spawn(path, args, { cwd, env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  child.said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (child.said += text))
  child.on('error', (error) => (child.said += `cannot start ${path}: ${error.message}`))
  process.once('exit', () => child.kill('SIGKILL'))
  return child
}

async function lineOf(child, pattern) {
  await until(
    () => pattern.test(child.said),
    () => child.said,
  )
  return child.said.match(pattern)[1]
}

async function end(child, signal = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  const patience = setTimeout(() => child.kill('SIGKILL'), 15_000)
  await ended
  clearTimeout(patience)
}

/** Waits until `condition` holds; an error counts as not yet. */
async function until(condition, why, limit = 120_000, every = 50) {
  const deadline = Date.now() + limit
  for (;;) {
    const held = await Promise.resolve(condition()).catch(() => false)
    if (held) return
    if (Date.now() > deadline) throw new Error(`waited in vain for ${condition}:\n${why()}`)
    await sleep(every)
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}
