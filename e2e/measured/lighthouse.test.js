// What Lighthouse says of the first pages, as a phone and as a desk computer see them.

import { after, before, test } from 'node:test'
import { launch, openPage } from '../lib/browser.js'
import { judge } from '../lib/budgets.js'
import * as chat from '../lib/chat.js'
import { lighthouse, median } from '../lib/lighthouse.js'
import { startPrograms } from '../lib/programs.js'
import { isFull, signUp } from '../lib/stage.js'

let programs
let pages

before(async () => {
  programs = await startPrograms()
  const browser = await launch()
  const { page } = await openPage(browser, programs.url)
  await signUp(page.context())
  await page.goto('/')
  await chat.message(page).waitFor()
  await chat.ask(page, 'Say something [tokens=300 rate=0]')
  const conversation = await chat.address(page)
  const cookies = (await page.context().cookies()).map(({ name, value, domain, path, expires, httpOnly, sameSite }) => ({
    name,
    value,
    domain,
    path,
    expires,
    httpOnly,
    sameSite,
  }))
  await browser.close()
  pages = { 'sign-in': { path: '/login' }, 'new chat': { path: '/', cookies }, 'a conversation': { path: conversation, cookies } }
})

after(() => programs?.stop())

/**
 * A full run judges every page by the middle one of five loads, which takes five minutes. Other programs on a machine only
 * ever lower what a load scores: the normal run loads a page until one load is as good as it has to be, five times at most.
 */
async function measure(page) {
  if (isFull) return median(await lighthouse(Array(5).fill(page)))
  const isPhone = page.form === 'mobile'
  const isGood = (result) => result?.performance >= stop && (!isPhone || result.blocking <= blocked.stop)
  const isBetter = (result, than) => result.performance > than.performance
  // A load that came to nothing, because the machine had no time for it, says nothing of the page.
  const hasCome = (result) => result && !result.error && !(isPhone && Number.isNaN(result.blocking))
  let best
  let wrong
  for (let load = 0, tries = 0; load < 5 && tries < 8 && !isGood(best); tries += 1) {
    const [result] = await lighthouse([page]).catch((error) => [{ error }])
    if (!hasCome(result)) {
      wrong = result?.error
      continue
    }
    load += 1
    if (!best || isBetter(result, best)) best = result
  }
  if (!best) throw new Error(`no load came to an end: ${wrong}`)
  return best
}

/** The least that a page may score. */
const stop = 90
/** Milliseconds. */
const blocked = { aim: 150, stop: 250 }

for (const form of ['mobile', 'desktop']) {
  test(`first pages score what they should: ${form}`, async () => {
    const rows = []
    for (const [name, { path, cookies }] of Object.entries(pages)) {
      const result = await measure({ url: programs.url + path, cookies, form })
      const { performance, accessibility, practices, fcp, lcp, tbt, cls, blocking, wrong, error } = result
      console.log(
        `${name}, ${form}: performance ${performance}, FCP ${Math.round(fcp)} ms, LCP ${Math.round(lcp)} ms, TBT ${Math.round(tbt)} ms, by thread time ${Math.round(blocking)} ms, CLS ${cls.toFixed(3)}`,
        error ?? '',
        ...wrong,
      )
      const [shift, paint] = [{ aim: 0.02, stop: 0.05 }, form === 'mobile' ? { aim: 2_400, stop: 2_800 } : { aim: 800, stop: 1_200 }]
      rows.push(
        { what: `${name}: performance`, is: performance, aim: form === 'mobile' ? 92 : 98, stop, atLeast: true, timed: true },
        { what: `${name}: layout shift`, is: cls, ...shift },
      )
      // The largest paint of a single load is as slow as the machine was.
      if (isFull) rows.push({ what: `${name}: largest paint`, is: Math.round(lcp), ...paint, unit: 'ms', timed: true })
      if (form === 'mobile') rows.push({ what: `${name}: blocked, thread time`, is: Math.round(blocking), ...blocked, unit: 'ms' })
      rows.push(
        { what: `${name}: accessibility`, is: accessibility, aim: 100, stop: 98, atLeast: true },
        { what: `${name}: best practices`, is: practices, aim: 100, stop: 96, atLeast: true },
      )
    }
    judge(`Lighthouse, ${form}`, rows)
  })
}
