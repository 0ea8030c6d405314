// Budgets: what is aimed at, and where the tests stop.

import assert from 'node:assert/strict'
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, constants } from 'node:zlib'
import { PATIENCE } from './browser.js'
import { rest } from './chat.js'
import { crowding, isFull } from './stage.js'

/** KiB as Brotli sends them at its best, as the built server of a release does. */
export const packed = (text) => brotliCompressSync(text, best).length / 1024
const best = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }

const kindOf = (path) => (path.endsWith('.css') ? 'css' : path.endsWith('.woff2') ? 'fonts' : 'js')

/**
 * Makes the page note when `selector` is first there. What waits for an idle moment comes after that, as it does on a machine
 * that draws the page before it is idle. To be called before the page is opened.
 */
export const watchReady = (page, selector) =>
  page.addInitScript((selector) => {
    performance.setResourceTimingBufferSize(1_000)
    const idle = globalThis.requestIdleCallback
    const waiting = []
    globalThis.requestIdleCallback = (...given) =>
      globalThis.readyAt === undefined ? waiting.push(given) : idle(...given)
    const watcher = new MutationObserver(() => {
      if (!document.querySelector(selector)) return
      globalThis.readyAt = performance.now()
      watcher.disconnect()
      for (const given of waiting) idle(...given)
    })
    watcher.observe(document, { childList: true, subtree: true })
  }, selector)

/**
 * Gives what waits until a page has all that it has asked for, and asks for nothing more. To be called before the page is
 * opened. The news never end: they, and the worker that reads them, do not count.
 */
export function watchRequests(page) {
  const open = new Set()
  let count = 0
  page.on('request', (request) => {
    if (/worker|\/events$/.test(new URL(request.url()).pathname)) return
    // What the page before has asked for is nobody's any more.
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) open.clear()
    count += 1
    open.add(request)
  })
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => open.delete(request))
  return async () => {
    const deadline = performance.now() + PATIENCE
    for (let before = -1; (open.size > 0 || count !== before) && performance.now() < deadline; ) {
      before = count
      await sleep(300)
      await rest(page)
    }
  }
}

/** Waits until a page that is ready has begun what it puts off until later. */
export const begunLater = (page) =>
  // Timers and idle moments come in the order in which they were asked for: what the page puts off was asked for before.
  page.evaluate(() => new Promise((resolve) => setTimeout(() => requestIdleCallback(() => resolve()), 2_000)))

/** What the page has been given, until it was ready or until now: `files` of the app by kind, and all `requests`. */
export async function asked(page, untilReady) {
  const { readyAt, entries } = await page.evaluate(() => ({
    readyAt: globalThis.readyAt,
    entries: performance.getEntriesByType('resource').map(({ name, responseEnd }) => ({ name, responseEnd })),
  }))
  const before = entries.filter(({ responseEnd }) => !untilReady || (responseEnd > 0 && responseEnd <= readyAt))
  const requests = ['the page', ...before.map(({ name }) => new URL(name).pathname)]
  const files = new Map(requests.filter((path) => path.startsWith('/assets/')).map((path) => [path, kindOf(path)]))
  return { requests, files }
}

const sizes = new Map()

async function sizeOf(home, path) {
  if (!sizes.has(path)) {
    const response = await fetch(home + path)
    assert.equal(response.status, 200, path)
    const bytes = Buffer.from(await response.arrayBuffer())
    sizes.set(path, path.endsWith('.woff2') ? bytes.length / 1024 : packed(bytes))
  }
  return sizes.get(path)
}

/** KiB of the files of one kind, without those that were there before. */
export async function weigh(home, { files }, kind, without = new Map()) {
  let sum = 0
  for (const [path, own] of files) if (own === kind && !without.has(path)) sum += await sizeOf(home, path)
  return sum
}

const text = /\.(html|js|css|svg|json|webmanifest|txt)$/

/** The pages that show the API are no part of the app: it never loads them. */
const isReference = (name) => /(^|\/)reference\//.test(name)

/** KiB of the whole web app as it lies beside the built server: the newest that its build script has left. */
export async function weighClient(program) {
  const builds = join(dirname(program), 'build')
  const found = []
  for (const name of await readdir(builds)) {
    const dist = join(builds, name, 'out', 'dist')
    const page = await stat(join(dist, 'index.html')).catch(() => null)
    if (page) found.push({ dist, at: page.mtimeMs })
  }
  const newest = found.toSorted((a, b) => b.at - a.at)[0]
  if (!newest) return null
  let sum = 0
  for (const name of await readdir(newest.dist, { recursive: true })) {
    const path = join(newest.dist, name)
    if (name.startsWith('.') || isReference(name) || !(await stat(path)).isFile()) continue
    const bytes = await readFile(path)
    sum += text.test(name) ? packed(bytes) : bytes.length / 1024
  }
  return sum
}

const isWorse = (row, limit) => (row.atLeast ? row.is < limit : row.is > limit)
const isBeyond = (row) => !(Number.isFinite(row.is) && !isWorse(row, row.stop))

/** The row with as much more room as others take of the machine now, if it was measured by the clock. */
function withRoom(row, more) {
  if (!row.timed) return row
  return { ...row, stop: row.atLeast ? row.stop / more : row.stop * more }
}

/**
 * Judges by the clock, rows as below that `measure` gives. Other programs on a shared machine only ever take from them, for a
 * while: there they are measured up to three times, and the best of each counts.
 */
export async function judgeTimes(title, measure) {
  let best
  for (let time = 0; time < (isFull ? 1 : 3); time += 1) {
    const rows = await measure(time)
    best = rows.map((row, at) => {
      const before = best?.[at]
      return before && Number.isFinite(before.is) && !isWorse(before, row.is) ? before : row
    })
    if (!best.some(isBeyond)) break
  }
  judge(title, best)
}

/**
 * Rows `{ what, is, aim, stop, unit }`. Prints all of them and fails if one is beyond its stop. `atLeast`: more is better;
 * `timed`: measured by the clock.
 */
export function judge(title, given) {
  const more = given.some(isBeyond) && !isFull ? crowding() : 1
  const rows = given.map((row) => withRoom(row, more))
  const shown = (value) => (value === Number.POSITIVE_INFINITY ? '-' : Number.isInteger(value) ? `${value}` : value.toFixed(value < 1 ? 3 : 1))
  const width = Math.max(...rows.map(({ what }) => what.length))
  const lines = rows.map((row) => {
    const mark = isWorse(row, row.stop) ? 'STOP' : isWorse(row, row.aim) ? 'above the aim' : ''
    const cells = [row.is, row.aim, row.stop].map((value) => shown(value).padStart(8))
    return `  ${row.what.padEnd(width)} ${cells.join(' ')} ${row.unit ?? ''} ${mark}`.trimEnd()
  })
  console.log(`\n${title}\n  ${''.padEnd(width)} ${['is', 'aim', 'stop'].map((name) => name.padStart(8)).join(' ')}`)
  console.log(`${lines.join('\n')}\n`)
  const beyond = rows.filter(isBeyond)
  assert.deepEqual(
    beyond.map(({ what }) => what),
    [],
    'beyond the stop',
  )
}

/** Adds up how much of the page moves by itself; `shift` reads the sum. To be called before the page is opened. */
export async function watchShift(page) {
  await page.addInitScript(() => {
    globalThis.shifted = []
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (entry.hadRecentInput) continue
        const nodes = entry.sources?.map(({ node }) => node?.outerHTML?.slice(0, 120) ?? '')
        globalThis.shifted.push({ value: entry.value, nodes })
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
}

export async function shift(page) {
  const shifted = await page.evaluate(() => globalThis.shifted)
  const sum = shifted.reduce((all, { value }) => all + value, 0)
  if (sum > 0.02) console.log('what moved:', JSON.stringify(shifted, null, 1))
  return sum
}
