// What every behaviour needs: the programs, a browser, and a person who is signed in.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { launch, openPage, PATIENCE, picturing } from './browser.js'
import * as chat from './chat.js'
import { startPrograms } from './programs.js'
import { startWeb } from './search-web.js'
import { startTeller } from './teller.js'

/** Timings hold as written in a full run; on shared machines they have five times the room. */
export const isFull = Boolean(process.env.COLLOQUY_TEST_FULL)
const room = isFull ? 1 : 5
export const within = (ms) => ms * room
/** A number as people write it, for the name of a test whose size is not the same in every run. */
export const counted = (number) => number.toLocaleString('en-GB')

/**
 * How many times longer than alone work takes on this machine now, 1 or more: what is a fifth of a second of the processor, by
 * the clock.
 */
export function crowding() {
  const begun = performance.now()
  const before = process.cpuUsage()
  for (;;) {
    const { user, system } = process.cpuUsage(before)
    const spent = (user + system) / 1000
    if (spent >= 200) return Math.max(1, (performance.now() - begun) / spent)
  }
}

/** Says that something took its time and no more. Where others take most of the machine, it has as much more. */
export function assertWithin(took, ms, what) {
  let most = within(ms)
  if (took > most && !isFull) most *= crowding()
  assert.ok(took <= most, `${what} took ${Math.round(took)} ms, of ${Math.round(most)}`)
}

/**
 * The same of what can be done again: `measure` does it and gives how long it took. Other programs only ever add to that, for a
 * moment or two: on a shared machine the best of several times counts.
 */
export async function assertQuick(measure, ms, what) {
  let best = Number.POSITIVE_INFINITY
  for (let time = 0; time < (isFull ? 1 : 5) && best > within(ms); time += 1) best = Math.min(best, await measure(time))
  assertWithin(best, ms, what)
}

/**
 * The same of several things that are done one after the other: `round` does all of it and gives `[what, how long it took, of how
 * long]` of each part.
 */
export async function assertAllQuick(round) {
  const best = new Map()
  for (let time = 0; time < (isFull ? 1 : 3); time += 1) {
    for (const [what, took, ms] of await round(time)) {
      console.log(`${what}: ${Math.round(took)} ms`)
      best.set(what, { took: Math.min(took, best.get(what)?.took ?? Number.POSITIVE_INFINITY), ms })
    }
    if ([...best.values()].every(({ took, ms }) => took <= within(ms))) break
  }
  for (const [what, { took, ms }] of best) assertWithin(took, ms, what)
}

/** Waits until `condition` gives what is true, looking often; an error counts as not yet. */
export async function eventually(condition, what, limit = PATIENCE) {
  const deadline = performance.now() + limit
  for (;;) {
    let wrong
    const value = await (async () => condition())().catch((error) => {
      wrong = error
    })
    if (value) return value
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`, { cause: wrong })
    await sleep(25)
  }
}

let people = 0

/** Makes an account through the API; the context has its cookies then. */
export async function signUp(context) {
  people += 1
  const name = `person${people}`
  const answer = await context.request.post('/api/v1/auth/register', {
    headers: { 'X-Colloquy-Web': '1' },
    data: { username: name, email: `${name}@example.org`, password: 'correct horse battery' },
  })
  assert.equal(answer.status(), 201, await answer.text())
  return name
}

/**
 * The stage of one file. `behaviour(name, steps)` is a test with a page of its own, on a new chat; at its end nothing may
 * have complained, but for what `expected` fits. With `tells`, answers are what `teller.next` was given; `vision` names
 * the models that see, `tools` those that call tools; with `searches` there is a piece of the web.
 */
export function stage({ tells = false, searches = false, vision, tools } = {}) {
  const set = {}

  before(async () => {
    if (tells) set.teller = await startTeller()
    if (searches) set.web = await startWeb()
    const settings = set.web?.settings
    set.programs = await startPrograms({ vision, tools, settings, ...(set.teller ? { provider: set.teller.url } : {}) })
    set.browser = await launch()
  })

  after(async () => {
    await set.browser?.close()
    await set.programs?.stop()
    await set.teller?.stop()
    await set.web?.stop()
  })

  function behaviour(name, steps, { options = {}, expected } = {}) {
    test(name, async () => {
      const { page, complaints } = await openPage(set.browser, set.programs.url, options)
      try {
        await picturing(page, name.slice(0, 60).replaceAll(/\W+/g, '-'), async () => {
          await signUp(page.context())
          await page.goto('/')
          await chat.ready(page)
          await steps({ page, context: page.context(), ...set })
          assert.deepEqual(expected ? complaints.filter((one) => !expected.test(one)) : complaints, [])
        })
      } finally {
        await page.context().close()
      }
    })
  }

  return { behaviour, set }
}
