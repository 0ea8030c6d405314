// How soon the page shows what was done in it, and what was said to it.

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { begunLater, judgeTimes, watchRequests } from '../lib/budgets.js'
import * as chat from '../lib/chat.js'
import { drawn } from '../lib/detector.js'
import { at, median, slowDown } from '../lib/frames.js'
import { untilPainted } from '../lib/paint.js'
import { isFull, stage } from '../lib/stage.js'

const { behaviour } = stage()

// Other programs on a machine take from these, so a normal run stops at five times the room.
const room = isFull ? 1 : 5
const times = isFull ? 15 : 3
const timed = true
/** One frame at 60 a second. */
const frame = 1000 / 60

behaviour('the own message is painted a frame after the key, in a new chat and in a long one', async ({ page }) => {
  const sendOne = async (text) => {
    await chat.message(page).fill(`${text} [tokens=3 rate=100]`)
    const question = { selector: 'article[aria-label="You"]', text }
    const took = await untilPainted(page, () => chat.message(page).press('Enter'), question)
    await chat.settledText(page)
    await sleep(200)
    return took
  }
  await judgeTimes('Send to own message painted, ms', async (round) => {
    const first = []
    const next = []
    for (let time = 0; time < times; time += 1) {
      if (time + round > 0) await chat.newChat(page)
      await sleep(300)
      first.push(await sendOne(`first ${time}.`))
    }
    await chat.ask(page, 'Much [tokens=3000 rate=0]')
    for (let time = 0; time < times; time += 1) next.push(await sendOne(`next ${time}.`))
    return [
      { what: 'in a new chat, median', is: median(first), aim: frame, stop: 50 * room, timed },
      { what: 'in a new chat, the worst', is: Math.max(...first), aim: 50, stop: Number.POSITIVE_INFINITY },
      { what: 'behind a long answer, median', is: median(next), aim: frame, stop: 50 * room, timed },
      { what: 'behind a long answer, the worst', is: Math.max(...next), aim: 50, stop: Number.POSITIVE_INFINITY },
    ]
  })
})

/** Notes when each numbered token has come to the page, and when it was drawn. To be called before the page is opened. */
const watchTokens = (page) =>
  page.addInitScript(() => {
    let seen
    let next
    let before
    // The last one: those far above are not drawn.
    const answer = () => [...document.querySelectorAll('article[aria-label="Assistant"]')].at(-1)
    globalThis.beginAnswer = () => {
      seen = globalThis.seenTokens = { came: {}, drawn: {} }
      next = 1
      before = answer()
    }
    globalThis.beginAnswer()
    const { read } = ReadableStreamDefaultReader.prototype
    ReadableStreamDefaultReader.prototype.read = async function (...given) {
      const piece = await read.apply(this, given)
      if (piece.value) {
        const now = performance.now()
        for (const [name] of new TextDecoder().decode(piece.value).matchAll(/t\d{5}/g)) seen.came[name] ??= now
      }
      return piece
    }
    const nameOf = (number) => `t${String(number).padStart(5, '0')}`
    const look = () => {
      const grown = answer()
      const text = grown && grown !== before ? grown.textContent : ''
      const names = []
      const { drawn } = seen
      for (; text.includes(nameOf(next)); next += 1) names.push(nameOf(next))
      if (names.length === 0) return
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => {
          for (const name of names) drawn[name] = performance.now()
        }
        port2.postMessage(null)
      })
    }
    new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true })
  })

behaviour('what the server says is painted soon', async ({ page }) => {
  await watchTokens(page)
  const settled = watchRequests(page)
  const count = isFull ? 400 : 120
  await judgeTimes('Event to paint, ms', async () => {
    await page.goto('/')
    await chat.ready(page)
    // What is fetched when all is quiet has been fetched.
    await begunLater(page)
    await settled()
    const first = []
    const took = []
    for (let time = 0; time < (isFull ? 4 : 2); time += 1) {
      await page.evaluate(() => globalThis.beginAnswer())
      await chat.send(page, `Count [tokens=${count} rate=40]`)
      chat.assertGapless(await chat.settledText(page), count)
      await drawn(page)
      const { came, drawn: shown } = await page.evaluate(() => globalThis.seenTokens)
      const own = Object.entries(came)
        .map(([name, when]) => shown[name] - when)
        .filter(Number.isFinite)
      assert.ok(own.length >= count * 0.9, `${own.length} tokens were seen`)
      first.push(shown.t00001 - came.t00001)
      took.push(...own)
    }
    return [
      { what: 'the first words of a first answer', is: first[0], aim: 50, stop: 100 * room, timed },
      { what: 'the first words of later answers', is: median(first.slice(1)), aim: 50, stop: 100 * room, timed },
      { what: 'a token, median', is: median(took), aim: 50, stop: 100 * room, timed },
      { what: 'a token, 95 of 100', is: at(took, 0.95), aim: 50, stop: 100 * room, timed },
    ]
  })
})

behaviour('menus, dialogs and pages are painted soon on a processor four times slower', async ({ page }) => {
  await chat.ask(page, 'One [tokens=400 rate=0 title=Goats]')
  const one = await chat.address(page)
  await chat.newChat(page)
  await chat.ask(page, 'Two [tokens=400 rate=0 title=Sheep]')
  const two = await chat.address(page)
  const listed = chat.conversations(page).getByRole('link')
  await listed.filter({ hasText: 'Goats' }).waitFor()
  await listed.filter({ hasText: 'Sheep' }).waitFor()

  const link = (path) => page.locator(`nav a[href="${path}"]`)
  const menu = { selector: '[role="menu"]' }
  const dialog = { selector: '[role="dialog"]' }
  const item = chat.conversations(page).getByRole('listitem').filter({ has: page.locator(`a[href="${two}"]`) })
  const close = async ({ selector }) => {
    await chat.rest(page)
    await page.keyboard.press('Escape')
    await page.locator(selector).waitFor({ state: 'detached' })
  }
  const deeds = [
    { what: 'menu of the account', act: () => page.getByRole('button', { name: /^person/ }).last().click(), shows: menu },
    { what: 'menu of a conversation', act: () => item.getByRole('button', { name: /^Options for/ }).click(), shows: menu },
    { what: 'menu of the models', act: () => page.getByRole('button', { name: /^Model: / }).click(), shows: menu },
    { what: 'dialog of the search', act: () => page.keyboard.press('Control+k'), shows: dialog },
    { what: 'dialog of the shortcuts', act: () => page.keyboard.press('Control+/'), shows: dialog },
    {
      what: 'another conversation',
      act: () => link(one).click(),
      shows: { selector: 'article', text: 'One' },
      back: () => chat.open(page, two),
    },
    {
      what: 'a new chat',
      act: () => page.keyboard.press('Control+Shift+O'),
      shows: { selector: 'main h1', text: 'Good' },
      back: () => chat.open(page, two),
    },
    {
      what: 'the settings',
      act: () => page.getByRole('menuitem', { name: 'Settings' }).click(),
      before: () => page.getByRole('button', { name: /^person/ }).last().click(),
      shows: { selector: 'h1', text: 'Settings' },
      back: () => chat.open(page, two),
    },
  ]
  const settled = watchRequests(page)
  await judgeTimes('Interaction to paint, ms, 4 times slower', async (round) => {
    // The first time is one of a page that is new.
    if (round > 0) await page.reload()
    await chat.ready(page)
    // What is fetched when all is quiet has been fetched.
    await begunLater(page)
    await settled()
    await chat.open(page, one)
    await chat.open(page, two)
    const end = await slowDown(page, 4)
    const rows = []
    for (const { what, before, act, shows, back = () => close(shows) } of deeds) {
      const took = []
      for (let time = 0; time < Math.min(times, 7); time += 1) {
        await before?.()
        await sleep(500)
        took.push(await untilPainted(page, act, shows))
        await back()
        await sleep(500)
      }
      rows.push({ what, is: median(took), aim: 200, stop: 300 * room, timed })
      rows.push({ what: `${what}, the first time`, is: took[0], aim: 200, stop: 300 * room, timed })
    }
    await end()
    return rows
  })
})
