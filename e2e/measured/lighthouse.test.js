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

/** What a page must score; performance is judged by the middle one of five loads. */
const enough = ({ performance, accessibility, practices, error }) =>
  !error && performance >= 90 && accessibility >= 98 && practices >= 96

/**
 * One load, and if that is not enough or the run is a full one, five: a load that other programs disturb says nothing, and
 * five of each page take five minutes.
 */
async function measure(page) {
  const first = await lighthouse([page])
  return enough(first[0]) && !isFull ? first : [...first, ...(await lighthouse(Array(4).fill(page)))]
}

for (const form of ['mobile', 'desktop']) {
  test(`first pages score what they should: ${form}`, async () => {
    const rows = []
    for (const [name, { path, cookies }] of Object.entries(pages)) {
      const results = await measure({ url: programs.url + path, cookies, form })
      const result = median(results)
      const { performance, accessibility, practices, fcp, lcp, tbt, cls, wrong, error } = result
      console.log(
        `${name}, ${form}: FCP ${Math.round(fcp)} ms, LCP ${Math.round(lcp)} ms, TBT ${Math.round(tbt)} ms, CLS ${cls.toFixed(3)}`,
        `(performance of ${results.length}: ${results.map((one) => one.performance).join(' ')})`,
        error ?? '',
        ...wrong,
      )
      rows.push(
        { what: `${name}: performance`, is: performance, aim: form === 'mobile' ? 92 : 98, stop: 90, atLeast: true },
        { what: `${name}: accessibility`, is: accessibility, aim: 100, stop: 98, atLeast: true },
        { what: `${name}: best practices`, is: practices, aim: 100, stop: 96, atLeast: true },
      )
    }
    judge(`Lighthouse, ${form}`, rows)
  })
}
