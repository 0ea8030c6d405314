// What happens elsewhere shows here: two devices of one person, and as many tabs as somebody likes to open.

import assert from 'node:assert/strict'
import { hearsNews, openPage } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { startCounter } from '../lib/counter.js'
import { assertAllQuick, assertQuick, eventually, signUp, stage } from '../lib/stage.js'

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

// What a page shows, asked in the page itself: when it does is then told by its own clock.
const seen = {
  questions: (count) => document.querySelectorAll('article[aria-label="You"]').length >= count && Date.now(),
  text: (text) => [...document.querySelectorAll('article')].at(-1)?.innerText.includes(text) && Date.now(),
  begun: (count) =>
    document.querySelectorAll('article[aria-label="Assistant"]')[count - 1]?.innerText.includes('t00001') && Date.now(),
  settled: () => [...document.querySelectorAll('article')].at(-1)?.ariaBusy !== 'true' && Date.now(),
  listed: (title) =>
    [...document.querySelectorAll('nav a')].some((one) => one.innerText.includes(title)) && Date.now(),
  running: (count) => document.querySelectorAll('nav a .stream-dot').length === count && Date.now(),
  grouped: (name) => [...document.querySelectorAll('nav h3')].some((one) => one.innerText.includes(name)) && Date.now(),
  ungrouped: (name) => ![...document.querySelectorAll('nav h3')].some((one) => one.innerText.includes(name)) && Date.now(),
  unlisted: (title) =>
    ![...document.querySelectorAll('nav a')].some((one) => one.innerText.includes(title)) && Date.now(),
}

/** How long it takes from the click or key in `page` until each of the others shows something. */
async function delays(page, act, others, [shows, what]) {
  const waits = others.map((other) => other.waitForFunction(shows, what, { polling: 10 }))
  await page.evaluate(() => {
    for (const kind of ['click', 'keydown']) {
      document.addEventListener(kind, () => (window.actedAt = Date.now()), { capture: true })
    }
  })
  await act()
  const began = await page.evaluate(() => window.actedAt)
  const shown = await Promise.all(waits.map(async (wait) => (await (await wait).jsonValue()) - began))
  return Math.max(...shown)
}

async function rename(page, title) {
  await chat.conversations(page).getByRole('link').first().press('F2')
  await page.getByRole('textbox', { name: 'Title' }).fill(title)
  return () => page.keyboard.press('Enter')
}

behaviour('15. a second device sees what happens within 500 ms, and stops it for both', async (set) => {
  const { page } = set
  await chat.ask(page, 'First [tokens=2 title=Goats]')
  const path = await chat.address(page)
  const { other, complaints } = await otherDevice(set)
  await other.goto(path)
  await chat.answers(other).first().waitFor()
  for (const device of [page, other]) await hearsNews(device)

  await assertAllQuick(async (time) => {
    const parts = []
    await chat.message(page).fill(`Count ${time} [tokens=8000 rate=40]`)
    const send = () => chat.button(page, 'Send').click()
    const sent = await delays(page, send, [other], [seen.questions, 2 + time])
    parts.push(['the message on the other device', sent, 500])
    for (const device of [page, other]) await device.waitForFunction(seen.begun, 2 + time, { polling: 50 })
    await chat.waitForText(other, 't00030')
    await chat.waitForText(page, 't00030')
    // Both are told the same words at the same time.
    for (const text of ['t00060', 't00080']) {
      const waits = [page, other].map((one) => one.waitForFunction(seen.text, text, { polling: 10 }))
      const [here, there] = await Promise.all(waits.map(async (wait) => (await wait).jsonValue()))
      parts.push([`${text} on both devices`, Math.abs(here - there), 250])
    }

    const stop = () => chat.button(other, 'Stop').click()
    parts.push(['the stop on the first device', await delays(other, stop, [page], [seen.settled]), 500])
    const [here, there] = [await chat.settledText(page), await chat.settledText(other)]
    assert.deepEqual(chat.tokens(here), chat.tokens(there))
    chat.assertGapless(here)
    assert.ok(chat.tokens(here).length < 8000)

    const save = await rename(page, `Counting goats ${time}`)
    const renamed = await delays(page, save, [other], [seen.listed, `Counting goats ${time}`])
    parts.push(['the title on the other device', renamed, 500])
    return parts
  })
  assert.deepEqual(complaints, [])
  await other.context().close()
})

behaviour('15. the branch that is chosen on one device is shown on the other', async (set) => {
  const { page } = set
  await chat.ask(page, 'apples [tokens=3 rate=100]')
  const question = chat.questions(page).first()
  await question.hover()
  await chat.button(question, 'Edit').click()
  await page.getByRole('textbox', { name: 'Edit message' }).fill('plums [tokens=3 rate=100]')
  await page.getByRole('textbox', { name: 'Edit message' }).press('Enter')
  await question.getByText('2/2').waitFor()
  await chat.settledText(page)
  const { other, complaints } = await otherDevice(set)
  await other.goto(await chat.address(page))
  await chat.questions(other).getByText('plums').waitFor()
  await hearsNews(other)
  await chat.button(question, 'Previous version').click()
  await question.getByText('1/2').waitFor()
  await chat.questions(other).getByText('apples').waitFor()
  await chat.questions(other).getByText('1/2').waitFor()
  assert.deepEqual(complaints, [])
  await other.context().close()
})

behaviour('15. groups that are made, renamed and deleted show on a second device within 500 ms', async (set) => {
  const { page } = set
  await chat.ask(page, 'First [tokens=2]')
  const { other, complaints } = await otherDevice(set)
  await other.goto('/')
  await chat.ready(other)
  for (const device of [page, other]) await hearsNews(device)

  await assertAllQuick(async (time) => {
    const [first, better] = [`Work ${time}`, `Labour ${time}`]
    const parts = []
    const soon = async (what, act, shown) => parts.push([what, await delays(page, act, [other], shown), 500])
    await chat.button(page, 'New group').click()
    const name = page.getByRole('dialog').getByRole('textbox', { name: 'Name' })
    await name.fill(first)
    await soon('a new group', () => name.press('Enter'), [seen.grouped, first])

    await chat.button(page, first).press('F2')
    const field = page.getByRole('textbox', { name: 'Name of the group' })
    await field.fill(better)
    await soon('its other name', () => field.press('Enter'), [seen.grouped, better])

    await chat.button(page, `Options for the group ${better}`).press('Enter')
    await page.getByRole('menuitem', { name: 'Delete group' }).click()
    const remove = () => chat.button(page.getByRole('dialog'), 'Delete group').click()
    await soon('its end', remove, [seen.ungrouped, better])
    return parts
  })
  assert.deepEqual(complaints, [])
  await other.context().close()
})

behaviour('15. eight tabs see what happens within 500 ms, over one connection', async ({ programs, browser }) => {
  const counter = await startCounter(programs.url)
  const { page: first, complaints } = await openPage(browser, counter.url)
  try {
    await signUp(first.context())
    const tabs = [first]
    while (tabs.length < 8) tabs.push(await first.context().newPage())
    for (const tab of tabs) {
      await tab.goto('/')
      await chat.ready(tab)
    }
    for (const tab of tabs) await hearsNews(tab)
    assert.equal(counter.counted.open, 1, 'the connection')
    const others = tabs.slice(1)
    const [reader] = others

    await assertAllQuick(async (time) => {
      const parts = []
      const soon = async (page, act, others, shown, what) =>
        parts.push([what, await delays(page, act, others, shown), 500])
      await chat.message(first).fill(`Goats [tokens=12000 rate=20 title=Many_goats]`)
      const begin = () => chat.button(first, 'Send').click()
      await soon(first, begin, others, [seen.running, 1], 'a new conversation that is being answered')
      const path = await chat.address(first)
      const isNamed = (tab) => tab.waitForFunction(seen.listed, 'Many goats', { polling: 50 })
      await Promise.all(others.map(isNamed))

      await reader.goto(path)
      await chat.waitForText(reader, 't00020')
      await hearsNews(reader)
      const stop = () => chat.button(first, 'Stop').click()
      await soon(first, stop, others, [seen.running, 0], 'the end of the answer')
      await chat.settledText(reader)

      await chat.message(first).fill('More [tokens=12000 rate=20]')
      const send = () => chat.button(first, 'Send').click()
      await soon(first, send, [reader], [seen.questions, 2], 'the message in another tab')
      await reader.waitForFunction(seen.begun, 2, { polling: 50 })
      await chat.waitForText(reader, 't00003')
      await chat.button(reader, 'Stop').click()
      await first.waitForFunction(seen.begun, 2, { polling: 50 })
      await chat.settledText(first)

      const title = `Counting goats ${time}`
      const save = await rename(first, title)
      await soon(first, save, others, [seen.listed, title], 'a title by hand')
      const remove = async () => {
        await chat.conversations(first).getByRole('link').first().hover()
        await chat.conversations(first).getByRole('button', { name: /^Options/ }).first().click()
        await first.getByRole('menuitem', { name: 'Delete' }).click()
      }
      await soon(first, remove, others, [seen.unlisted, title], 'a deletion')
      await first.waitForURL('**/')
      await chat.ready(first)
      return parts
    })

    assert.equal(counter.counted.most, 1, 'connections that hold news')
    for (const tab of tabs.slice(0, 7)) await tab.close()
    assert.equal(counter.counted.open, 1, 'it lasts while a tab is open')
    await tabs[7].close()
    await eventually(() => counter.counted.open === 0, 'the last tab closes it')
    assert.deepEqual(complaints, [])
  } finally {
    await first.context().close()
    await counter.stop()
  }
})

behaviour('15. without shared workers the tab that is looked at listens itself', async (set) => {
  const { page, context } = set
  await context.addInitScript(() => delete window.SharedWorker)
  const heard = page.waitForResponse((response) => new URL(response.url()).pathname === '/api/v1/events')
  await page.reload()
  await chat.ready(page)
  await heard
  const { other } = await otherDevice(set)
  await other.goto('/')
  await chat.ready(other)
  await assertAllQuick(async (time) => {
    if (time > 0) await chat.newChat(other)
    const title = `Goats ${time}`
    await chat.message(other).fill(`${title} [tokens=2 title=Goats_${time}]`)
    const send = () => chat.button(other, 'Send').click()
    const took = await delays(other, send, [page], [seen.listed, title])
    await chat.answers(other).first().waitFor()
    await chat.settledText(other)
    return [['a new conversation', took, 500]]
  })
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

behaviour('15. a send works in each of eight tabs, also while the others are being answered', async ({ page, context }) => {
  await context.addInitScript(canHide)
  const tabs = [page]
  while (tabs.length < 8) tabs.push(await context.newPage())
  for (const tab of tabs) {
    await tab.goto('/')
    await chat.ready(tab)
    await hearsNews(tab)
    await tab.evaluate(() => window.setHidden(true))
  }

  for (const [index, tab] of tabs.entries()) {
    await tab.evaluate(() => window.setHidden(false))
    const send = () => chat.button(tab, 'Send').click()
    const begin = async (time) => {
      if (time > 0) {
        await chat.button(tab, 'Stop').click()
        await chat.settledText(tab)
      }
      await chat.message(tab).fill(`Tab ${index} [tokens=12000 rate=20 title=Tab_${index}]`)
      return delays(tab, send, [tab], [seen.begun, time + 1])
    }
    await assertQuick(begin, 500, `the answer in tab ${index}`)
    await tab.evaluate(() => window.setHidden(true))
  }

  for (const tab of tabs) {
    await tab.evaluate(() => window.setHidden(false))
    // Each of the eight stands in the list of all, and is being answered.
    for (const index of tabs.keys()) {
      await chat.conversations(tab).getByRole('link', { name: `Tab ${index}` }).waitFor()
    }
    await chat.waitForText(tab, 't00040')
    await chat.button(tab, 'Stop').click()
    chat.assertGapless(await chat.settledText(tab))
    await tab.evaluate(() => window.setHidden(true))
  }
})
