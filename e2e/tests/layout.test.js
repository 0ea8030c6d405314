// The sidebar: as wide as a person likes it, a rail, or what slides over the page; and nothing jumps as the page comes.

import assert from 'node:assert/strict'
import { shift, watchShift } from '../lib/budgets.js'
import * as chat from '../lib/chat.js'
import { eventually, stage } from '../lib/stage.js'

const { behaviour } = stage()
const edge = (page) => page.getByRole('separator', { name: 'Width of the sidebar' })
const nav = (page) => chat.conversations(page)
const widthOf = async (locator) => Math.round((await locator.boundingBox()).width)

/** Loads the page again; nothing of it may move by itself, but for the name of a model that makes room for itself. */
async function loadStill(page) {
  await watchShift(page)
  await page.reload()
  await chat.ready(page)
  const moved = await shift(page)
  assert.ok(moved < 0.001, `${moved} of the page moved`)
}

behaviour(
  'the sidebar is made wider by pointer and by keys, is closed to a rail, and is so again later',
  async ({ page }) => {
    const isSo = (width) =>
      eventually(async () => Math.abs((await widthOf(nav(page))) - width) <= 1, `it is ${width} wide`)
    await isSo(264)
    const { x, width } = await edge(page).boundingBox()
    await page.mouse.move(x + width / 2, 400)
    await page.mouse.down()
    await page.mouse.move(x + width / 2 + 20, 400)
    await page.mouse.move(x + width / 2 + 40, 400)
    await page.mouse.up()
    await isSo(304)
    await edge(page).focus()
    await page.keyboard.press('ArrowLeft')
    await isSo(288)
    await page.keyboard.press('End')
    await isSo(360)
    assert.equal(await edge(page).getAttribute('aria-valuenow'), '360')
    await loadStill(page)
    await isSo(360)
    await edge(page).dblclick()
    await isSo(264)

    await chat.button(nav(page), 'Close sidebar').click()
    await isSo(56)
    const open = chat.button(nav(page), 'Open sidebar')
    await eventually(() => chat.isFocused(open), 'the focus is on what opens it again')
    await loadStill(page)
    await isSo(56)
    await chat.button(nav(page), 'Search').click()
    await page.getByRole('searchbox').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('searchbox').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+Shift+s')
    await isSo(264)
  },
)

behaviour(
  'where there is less room a rail stands, and the sidebar slides over the page',
  async ({ page }) => {
    assert.equal(await widthOf(nav(page)), 56)
    await loadStill(page)
    await chat.button(nav(page), 'Open sidebar').click()
    const over = page.getByRole('dialog', { name: 'Conversations' })
    await chat.button(over, 'New chat').waitFor()
    assert.equal(await widthOf(page.getByRole('main', { includeHidden: true })), 800 - 56)
    await page.keyboard.press('Escape')
    await over.waitFor({ state: 'detached' })
    await eventually(() => chat.isFocused(chat.button(nav(page), 'Open sidebar')), 'the focus is where it was')
  },
  { options: { viewport: { width: 800, height: 900 } } },
)

/** Draws a finger from one place of the page to another, as the browser itself hears it. */
async function drawFrom(page, from, to) {
  const session = await page.context().newCDPSession(page)
  const point = (type, ...touchPoints) => session.send('Input.dispatchTouchEvent', { type, touchPoints })
  const between = (part) => ({ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part })
  await point('touchStart', from)
  for (let step = 1; step <= 6; step += 1) await point('touchMove', between(step / 6))
  await point('touchEnd')
  await session.detach()
}

/** The same from side to side. */
const draw = (page, [from, to], y = 400) => drawFrom(page, { x: from, y }, { x: to, y })

behaviour(
  'a finger draws the drawer in from the edge and pushes it back, and scrolls a long line of code',
  async ({ page }) => {
    const drawer = page.getByRole('dialog', { name: 'Conversations' })
    const isIn = async () => (await drawer.count()) > 0
    await draw(page, [200, 340])
    assert.equal(await isIn(), false, 'only from the edge')
    // What hears it comes when all is quiet.
    await eventually(async () => {
      await draw(page, [8, 160])
      return isIn()
    }, 'the drawer is drawn in')
    await drawer.evaluate((node) => Promise.all(node.getAnimations().map((one) => one.finished)))
    await draw(page, [250, 60])
    await drawer.waitFor({ state: 'detached' })
    assert.equal(new URL(page.url()).pathname, '/')

    await page.evaluate(() => {
      const box = document.createElement('pre')
      box.style.cssText = 'position:fixed;inset:380px 0 auto 0;height:60px;overflow-x:auto;width:390px'
      box.textContent = 'long '.repeat(100)
      document.querySelector('main').append(box)
    })
    await draw(page, [30, 300])
    assert.equal(await isIn(), false, 'code keeps its finger')
  },
  { options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
)

behaviour(
  'a sheet is drawn down by its handle to close it, and comes back when that was not meant',
  async ({ page }) => {
    await chat.send(page, 'share me [tokens=3 rate=100]')
    await chat.settledText(page)
    await chat.button(page, 'More').click()
    await page.getByRole('menuitem', { name: 'Share…' }).click()
    const sheet = page.getByRole('dialog', { name: 'Share this conversation' })
    const handle = sheet.locator('[data-slot="sheet-handle"]')
    await handle.waitFor()
    await sheet.evaluate((node) => Promise.all(node.getAnimations().map((one) => one.finished)))
    const top = async () => Math.round((await sheet.boundingBox()).y)
    const before = await top()
    const { x, y, width, height } = await handle.boundingBox()
    const held = { x: x + width / 2, y: y + height / 2 }
    await drawFrom(page, held, { x: held.x, y: held.y + 40 })
    await eventually(async () => (await top()) === before, 'it is in its place again')
    await drawFrom(page, held, { x: held.x, y: held.y + 140 })
    await sheet.waitFor({ state: 'detached' })
  },
  { options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
)
