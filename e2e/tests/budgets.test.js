// How much a first visit brings, how often it asks, and how much it moves.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { launch, openPage } from '../lib/browser.js'
import { asked, begunLater, judge, shift, watchReady, watchRequests, watchShift, weigh, weighClient } from '../lib/budgets.js'
import * as chat from '../lib/chat.js'
import { startPrograms } from '../lib/programs.js'
import { signUp } from '../lib/stage.js'
import { startTeller } from '../lib/teller.js'

const said = 'A **word**, then a list:\n\n- one\n- two\n\n| a | b |\n| - | - |\n| 1 | 2 |\n'
const code = 'Look:\n\n```js\nconst one = 1\n```\n'
const formula = 'So $$e^{i\\pi} = -1$$ holds.\n'

let teller
let programs
let browser
let state
const paths = {}

before(async () => {
  teller = await startTeller()
  programs = await startPrograms({ provider: teller.url })
  browser = await launch()
  const { page } = await openPage(browser, programs.url)
  await signUp(page.context())
  for (const [name, text] of Object.entries({ said, code, formula })) {
    await page.goto('/')
    await chat.message(page).waitFor()
    teller.next(text, { rate: 0 })
    await chat.ask(page, `Tell me of ${name}`)
    paths[name] = await chat.address(page)
  }
  const share = await page.context().request.post(`/api/v1/conversations/${paths.said.split('/').at(-1)}/share`)
  assert.ok(share.ok(), await share.text())
  paths.shared = `/s/${(await share.json()).token}`
  state = await page.context().storageState()
  await page.context().close()
})

after(async () => {
  await browser?.close()
  await programs?.stop()
  await teller?.stop()
})

/** What a first visit to `path` asks for until `ready` is there, and, with `then`, what comes after it. */
async function visit(path, ready, { signedIn = true, then, options = {} } = {}) {
  const { page, complaints } = await openPage(browser, programs.url, {
    ...(signedIn ? { storageState: state } : {}),
    ...options,
  })
  try {
    await watchShift(page)
    await watchReady(page, ready)
    const settled = watchRequests(page)
    await page.goto(path)
    await page.locator(ready).first().waitFor()
    // With what is put off until later: it is the same on every page, and no part of what one page adds.
    await begunLater(page)
    await settled()
    const first = await asked(page, true)
    const whole = await asked(page, false)
    if (then) {
      await then(page)
      await settled()
    }
    assert.deepEqual(complaints, [])
    return { first, whole, all: await asked(page, false), shift: await shift(page) }
  } finally {
    await page.context().close()
  }
}

const signIn = 'input[type="password"]'
const composer = '#composer'
const answered = 'article strong'

test('the bytes and requests of a first visit are within their budgets', async () => {
  const home = programs.url
  const login = await visit('/login', signIn, { signedIn: false })
  const fresh = await visit('/', composer)
  const held = await visit(paths.said, answered)
  const shared = await visit(paths.shared, answered, { signedIn: false })
  const js = (asked, without) => weigh(home, asked, 'js', without)
  const most = async (kind) => Math.max(...(await Promise.all([login, fresh, held, shared].map(({ first }) => weigh(home, first, kind)))))

  judge('First visits, KiB of Brotli', [
    { what: 'JavaScript, new chat', is: await js(fresh.first), aim: 140, stop: 165 },
    { what: 'JavaScript, a conversation', is: await js(held.first), aim: 180, stop: 210 },
    { what: 'JavaScript, sign-in', is: await js(login.first), aim: 80, stop: 95 },
    { what: 'JavaScript, shared conversation', is: await js(shared.first), aim: 130, stop: 150 },
    { what: 'CSS, the most of them', is: await most('css'), aim: 10, stop: 15 },
    { what: 'fonts, the most of them', is: await most('fonts'), aim: 48, stop: 60 },
    { what: 'font files, new chat', is: [...fresh.first.files.values()].filter((kind) => kind === 'fonts').length, aim: 1, stop: 1 },
    { what: 'requests before sign-in can be used', is: login.first.requests.length, aim: 8, stop: 12 },
    { what: 'requests before the composer can be used', is: fresh.first.requests.length, aim: 8, stop: 12 },
  ])
})

test('the pieces that come later are within their budgets', async () => {
  const fresh = await visit('/', composer)
  const held = await visit(paths.said, answered)
  const piece = async (path, ready, then) => {
    const { all, whole } = await visit(path, ready, { then })
    return weigh(programs.url, all, 'js', new Map([...held.all.files, ...fresh.all.files, ...(then ? whole.files : [])]))
  }
  const stop = (aim) => Math.round(aim * 115) / 100
  const markdown = await weigh(programs.url, held.first, 'js', fresh.first.files)
  const highlight = await piece(paths.code, '.code-keyword')
  const maths = await piece(paths.formula, '.katex')
  const settings = await piece('/settings', 'h1')
  const palette = await piece('/', composer, async (page) => {
    await page.keyboard.press('Control+k')
    await page.getByRole('searchbox').waitFor()
  })
  for (const size of [markdown, highlight, maths, settings, palette]) assert.ok(size > 0.5, 'a piece was measured')

  judge('Pieces, KiB of Brotli', [
    { what: 'markdown', is: markdown, aim: 50, stop: stop(50) },
    { what: 'code colours', is: highlight, aim: 22, stop: stop(22) },
    { what: 'formulas', is: maths, aim: 75, stop: stop(75) },
    { what: 'search', is: palette, aim: 6, stop: stop(6) },
    { what: 'settings', is: settings, aim: 25, stop: 40 },
    { what: 'whole web app', is: (await weighClient(process.env.COLLOQUY_BIN ?? new URL('../../target/debug/colloquy', import.meta.url).pathname)) ?? Number.NaN, aim: 2048, stop: 3072 },
  ])
})

test('nothing moves by itself while a page is loaded', async () => {
  const rows = []
  for (const [name, options] of Object.entries({
    desktop: { viewport: { width: 1280, height: 800 } },
    phone: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  })) {
    for (const [what, path, ready, signedIn] of [
      ['sign-in', '/login', signIn, false],
      ['new chat', '/', composer, true],
      ['a conversation', paths.said, answered, true],
      ['shared conversation', paths.shared, answered, false],
    ]) {
      const visited = await visit(path, ready, { signedIn, options })
      rows.push({ what: `${what}, ${name}`, is: visited.shift, aim: 0.02, stop: 0.05 })
    }
  }
  judge('Layout shift', rows)
})

test('development builds show every component, in both themes and without a complaint', async () => {
  for (const width of [1280, 360]) {
    const { page, complaints } = await openPage(browser, programs.url, { viewport: { width, height: 900 } })
    await page.goto('/_ui')
    await page.locator('.light .katex').waitFor()
    await page.locator('.dark .katex').waitFor()
    await chat.rest(page)
    const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    assert.equal(wider, false, `wider than ${width}`)
    await chat.button(page, 'Menu').first().click()
    await page.getByRole('menuitem', { name: 'An item' }).waitFor()
    await chat.rest(page)
    await page.keyboard.press('Escape')
    await page.getByRole('menu').waitFor({ state: 'detached' })
    await chat.button(page, 'Menu of choices').first().click()
    await page.getByRole('menuitem', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'An inner item' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('menu').first().waitFor({ state: 'detached' })
    await chat.button(page, 'Dialog').first().click()
    await page.getByRole('dialog').waitFor()
    assert.deepEqual(complaints, [])
    await page.context().close()
  }
})
