// What happens elsewhere shows here: two devices of one person, and as many tabs as somebody likes to open.

import assert from 'node:assert/strict'
import { openPage } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { assertWithin, stage } from '../lib/stage.js'

const { behaviour } = stage()

/** Another device of the person whose context this is. */
async function otherDevice({ browser, programs, context }) {
  const me = await (await context.request.get('/api/v1/auth/me')).json()
  const { page, complaints } = await openPage(browser, programs.url)
  const answer = await page.context().request.post('/api/v1/auth/login', {
    headers: { 'X-Colloquy-Web': '1' },
    data: { username: me.username, password: 'correct horse battery' },
  })
  assert.equal(answer.status(), 200, await answer.text())
  return { other: page, complaints }
}

/** How long it takes until `seen` is there after `act`. */
async function timed(act, seen) {
  const began = performance.now()
  await act()
  await seen()
  return performance.now() - began
}

behaviour('15: a second device sees the message within 500 ms and the same live text, and stops it for both', async (set) => {
  const { page } = set
  await chat.ask(page, 'First [tokens=2]')
  const path = await chat.address(page)
  const { other, complaints } = await otherDevice(set)
  await other.goto(path)
  await chat.answers(other).first().waitFor()

  await chat.message(page).fill('Count [tokens=900 rate=40]')
  const shown = await timed(
    () => chat.button(page, 'Send').click(),
    () => chat.questions(other).nth(1).waitFor(),
  )
  console.log(`the other device shows the message after ${Math.round(shown)} ms`)
  assertWithin(shown, 500, 'the message on the other device')
  await chat.waitForText(other, 't00030')
  await chat.waitForText(page, 't00030')

  await chat.button(other, 'Stop').click()
  const [here, there] = [await chat.settledText(page), await chat.settledText(other)]
  assert.deepEqual(chat.tokens(here), chat.tokens(there))
  chat.assertGapless(here)
  assert.ok(chat.tokens(here).length < 900)

  const list = chat.conversations(other)
  await list.getByRole('link', { name: 'First' }).waitFor()
  await chat.button(page, 'Rename').first().click()
  await page.getByRole('textbox', { name: 'Title' }).fill('Counting goats')
  const renamed = await timed(
    () => page.keyboard.press('Enter'),
    () => list.getByRole('link', { name: 'Counting goats' }).waitFor(),
  )
  console.log(`the other device shows the title after ${Math.round(renamed)} ms`)
  assertWithin(renamed, 500, 'the title on the other device')
  assert.deepEqual(complaints, [])
  await other.context().close()
})

/** Lets a test say which tab is looked at: without a screen, a browser takes every tab for visible. */
function canHide() {
  let hidden = false
  Object.defineProperty(document, 'hidden', { get: () => hidden })
  Object.defineProperty(document, 'visibilityState', { get: () => (hidden ? 'hidden' : 'visible') })
  window.setHidden = (now) => {
    hidden = now
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
  }
}

behaviour('eight tabs: a send works in each, also while the others are being answered', async ({ page, context }) => {
  await context.addInitScript(canHide)
  const tabs = [page]
  while (tabs.length < 8) tabs.push(await context.newPage())
  for (const tab of tabs) {
    tab.setDefaultTimeout(20_000)
    await tab.goto('/')
    await chat.message(tab).waitFor()
    await tab.evaluate(() => window.setHidden(true))
  }

  for (const [index, tab] of tabs.entries()) {
    await tab.evaluate(() => window.setHidden(false))
    await chat.message(tab).fill(`Tab ${index} [tokens=4000 rate=20]`)
    const began = await timed(
      () => chat.button(tab, 'Send').click(),
      () => chat.waitForText(tab, 't00001'),
    )
    assertWithin(began, 2_000, `the answer in tab ${index}`)
    await tab.evaluate(() => window.setHidden(true))
  }

  for (const tab of tabs) {
    await tab.evaluate(() => window.setHidden(false))
    // Each of the eight stands in the list of all, and is being answered.
    await chat.conversations(tab).getByRole('link', { name: /^Tab 0/ }).waitFor()
    await chat.conversations(tab).getByRole('link', { name: /^Tab 7/ }).waitFor()
    await chat.waitForText(tab, 't00040')
    await chat.button(tab, 'Stop').click()
    chat.assertGapless(await chat.settledText(tab))
    await tab.evaluate(() => window.setHidden(true))
  }
})
