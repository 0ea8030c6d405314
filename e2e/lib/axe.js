// The rules of axe, and the looks in which every screen has to keep them.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { drawn } from './detector.js'

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export const looks = {
  light: { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  'a hand': { viewport: { width: 360, height: 740 }, colorScheme: 'light', hasTouch: true, isMobile: true },
  'a hand at night': { viewport: { width: 360, height: 740 }, colorScheme: 'dark', hasTouch: true, isMobile: true },
}

/** How often the rules are looked at anew because something began to move meanwhile. */
const TRIES = 5

/** Every rule, also those that are only advice; what other documents in frames hold is looked at by itself. */
export async function violations(page) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe)
  for (let left = TRIES; ; left -= 1) {
    await rested(page)
    const { found, moved } = await page.evaluate(look)
    if (found.length === 0 || !moved || left === 1) return found
  }
}

/** What fades in has its colours only at the end, and may begin to a moment after it was drawn. */
async function rested(page) {
  await drawn(page)
  await page.evaluate(async () => {
    const isEnding = (one) => one.playState === 'running' && one.effect.getComputedTiming().endTime < 5_000
    for (;;) {
      const ending = document.getAnimations().filter(isEnding)
      if (ending.length === 0) return
      await Promise.all(ending.map((one) => one.finished.catch(() => undefined)))
    }
  })
}

/** Runs in the page: what is wrong, and whether anything began to move under the eyes of axe. */
async function look() {
  let moved = false
  const note = () => {
    moved = true
  }
  const begins = ['animationstart', 'transitionrun']
  for (const kind of begins) document.addEventListener(kind, note, true)
  const { violations } = await window.axe.run(document, { iframes: false, resultTypes: ['violations'] })
  for (const kind of begins) document.removeEventListener(kind, note, true)
  const said = ({ html, failureSummary }) => `${html.slice(0, 160)}: ${failureSummary.split('\n').at(-1).trim()}`
  const found = violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.slice(0, 4).map(said) }))
  return { found, moved }
}

export const assertClean = async (page, where) => assert.deepEqual(await violations(page), [], where)
