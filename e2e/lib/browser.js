// A browser that notices what nobody looks at: errors in the console, and requests to anybody else.

import { mkdir } from 'node:fs/promises'
import { chromium } from 'playwright-core'

const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The name that this browser has for the own machine as a machine in the local network: not a secure place for a page. */
export const LAN = 'colloquy.lan'

/** No step takes so long, however slow the machine is. */
export const PATIENCE = 60_000

export function launch() {
  const args = [...QUIET, `--host-resolver-rules=MAP ${LAN} 127.0.0.1`]
  return chromium.launch({ executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium', args, timeout: 2 * PATIENCE })
}

/**
 * Opens a page in a context of its own, without the service worker unless `options` say `serviceWorkers: 'allow'`.
 *
 * `complaints` collects what must not happen; a 401 of the sign-in routes is how a browser that has no session learns it. A
 * `patient` page waits twenty times longer before it gives something up, as long as a slow machine may take to draw a diagram.
 */
export async function openPage(browser, url, { patient = false, ...options } = {}) {
  const common = { baseURL: url, locale: 'en-GB', timezoneId: noon(), serviceWorkers: 'block' }
  const context = await browser.newContext({ ...common, ...options })
  // For all of its pages, and for what it asks by itself.
  context.setDefaultTimeout(PATIENCE)
  await context.addInitScript(noteNews)
  if (patient) await context.addInitScript(wait)
  const page = await context.newPage()
  const complaints = []
  const home = new URL(url).host
  context.on('request', (request) => {
    const asked = new URL(request.url())
    if (!['data:', 'blob:'].includes(asked.protocol) && asked.host !== home) complaints.push(`request to ${asked.href}`)
  })
  page.on('pageerror', (error) => complaints.push(`error in the page: ${error.stack || `${error.name}: ${error.message}`}`))
  page.on('console', (message) => {
    if (message.type() !== 'error') return
    const from = message.location().url
    if (/status of 401/.test(message.text()) && new URL(from).pathname.startsWith('/api/v1/')) return
    complaints.push(`console: ${message.text()} (${from})`)
  })
  return { page, complaints }
}

function wait() {
  const { setTimeout } = globalThis
  globalThis.setTimeout = (run, after, ...given) => setTimeout(run, after >= 8_000 ? after * 20 : after, ...given)
}

/** Makes a page note that it hears the news: what comes with a `hello`, and whatever happens from then on, comes to it. */
function noteNews() {
  const Worker = globalThis.SharedWorker
  if (!Worker) return
  globalThis.SharedWorker = class extends Worker {
    constructor(...given) {
      super(...given)
      this.port.addEventListener('message', ({ data }) => {
        if (data.news?.type === 'hello') globalThis.hearsNews = true
      })
    }
  }
}

/** Waits until a page hears what happens elsewhere: its worker connects when the page has long been drawn. */
export const hearsNews = (page) => page.waitForFunction(() => globalThis.hearsNews, null, { polling: 50 })

/** A time zone in which it is about noon: no day ends during a test. */
function noon() {
  const hours = 12 - new Date().getUTCHours()
  // In these names the sign is the other way round.
  return hours === 0 ? 'UTC' : `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`
}

/** Runs `steps`; if they fail, what the page looked like is in `out/`. */
export async function picturing(page, name, steps) {
  try {
    await steps()
  } catch (error) {
    const out = new URL('../out/', import.meta.url)
    await mkdir(out, { recursive: true })
    await page.screenshot({ path: new URL(`${name}.png`, out).pathname }).catch(() => {})
    throw error
  }
}
