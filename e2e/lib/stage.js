// What every behaviour needs: the programs, a browser, and a person who is signed in.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { launch, openPage, picturing } from './browser.js'
import * as chat from './chat.js'
import { startPrograms } from './programs.js'
import { startTeller } from './teller.js'

/** Timings hold as written in a full run; on shared machines they have five times the room. */
export const isFull = Boolean(process.env.COLLOQUY_TEST_FULL)
const room = isFull ? 1 : 5
export const within = (ms) => ms * room

/** Says that something took its time and no more. */
export function assertWithin(took, ms, what) {
  assert.ok(took <= within(ms), `${what} took ${Math.round(took)} ms, of ${within(ms)}`)
}

/** Waits until `condition` gives what is true, looking often. */
export async function eventually(condition, what, limit = 10_000) {
  const deadline = performance.now() + limit
  for (;;) {
    const value = await condition()
    if (value) return value
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`)
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
 * the models that see.
 */
export function stage({ tells = false, vision } = {}) {
  const set = {}

  before(async () => {
    if (tells) set.teller = await startTeller()
    set.programs = await startPrograms({ vision, ...(set.teller ? { provider: set.teller.url } : {}) })
    set.browser = await launch()
  })

  after(async () => {
    await set.browser?.close()
    await set.programs?.stop()
    await set.teller?.stop()
  })

  function behaviour(name, steps, { options = {}, expected } = {}) {
    test(name, async () => {
      const { page, complaints } = await openPage(set.browser, set.programs.url, options)
      try {
        await picturing(page, name.slice(0, 60).replaceAll(/\W+/g, '-'), async () => {
          await signUp(page.context())
          await page.goto('/')
          await chat.message(page).waitFor()
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
