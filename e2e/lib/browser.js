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

export function launch() {
  const args = [...QUIET, `--host-resolver-rules=MAP ${LAN} 127.0.0.1`]
  return chromium.launch({ executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium', args })
}

/**
 * Opens a page in a context of its own, without the service worker unless `options` say `serviceWorkers: 'allow'`.
 *
 * `complaints` collects what must not happen; a 401 of the sign-in routes is how a browser that has no session learns it.
 */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ baseURL: url, locale: 'en-GB', serviceWorkers: 'block', ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
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
