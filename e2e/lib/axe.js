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

/** Every rule, also those that are only advice; what other documents in frames hold is looked at by itself. */
export async function violations(page) {
  // What fades in has its colours only at the end, and may begin to a moment after it was drawn.
  await drawn(page)
  await page.evaluate(async () => {
    const isEnding = (one) => one.playState === 'running' && one.effect.getComputedTiming().endTime < 5_000
    for (;;) {
      const ending = document.getAnimations().filter(isEnding)
      if (ending.length === 0) return
      await Promise.all(ending.map((one) => one.finished.catch(() => undefined)))
    }
  })
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe)
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { iframes: false, resultTypes: ['violations'] })
    const said = ({ html, failureSummary }) => `${html.slice(0, 160)}: ${failureSummary.split('\n').at(-1).trim()}`
    return violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.slice(0, 4).map(said) }))
  })
}

export const assertClean = async (page, where) => assert.deepEqual(await violations(page), [], where)
