// An open menu is by itself: what is pressed, turned or typed meanwhile means the menu and not the page under it.

import assert from 'node:assert/strict'
import * as chat from '../lib/chat.js'
import { eventually, stage } from '../lib/stage.js'

const { behaviour } = stage()
const menu = (page) => page.getByRole('menu')
const gone = (page) => menu(page).first().waitFor({ state: 'detached' })

behaviour('Escape closes a menu and not the answer, and the wheel does not turn the page under it', async ({ page }) => {
  await chat.ask(page, 'Fill the page [tokens=2000 rate=5000]')
  await chat.send(page, 'And count on [tokens=2000 rate=40]')
  await chat.begun(page)
  await chat.scroller(page).hover()
  await page.mouse.wheel(0, -400)
  const trigger = page.getByRole('button', { name: /^Model:/ })
  await trigger.click()
  await menu(page).waitFor()
  const before = await chat.scrollTop(page)
  await page.mouse.move(640, 400)
  await page.mouse.wheel(0, -600)
  await chat.rest(page)
  assert.equal(await chat.scrollTop(page), before)
  await page.keyboard.press('Escape')
  await gone(page)
  await eventually(() => chat.isFocused(trigger), 'the focus is on the button again')
  assert.equal(await chat.answers(page).last().getAttribute('aria-busy'), 'true', 'the answer goes on')

  // A press beside it closes it, and the button that lies there is not pressed.
  await trigger.click()
  await menu(page).waitFor()
  const stop = await chat.button(page, 'Stop').boundingBox()
  await page.mouse.click(stop.x + stop.width / 2, stop.y + stop.height / 2)
  await gone(page)
  assert.equal(await chat.answers(page).last().getAttribute('aria-busy'), 'true', 'the answer goes on')
  await chat.button(page, 'Stop').click()
})

behaviour(
  'a menu of the drawer closes without it',
  async ({ page }) => {
    await chat.button(page, 'Open menu').tap()
    const drawer = page.getByRole('dialog', { name: 'Conversations' })
    await drawer.evaluate((node) => Promise.all(node.getAnimations().map((one) => one.finished)))
    await drawer.getByRole('button', { name: /^person/ }).tap()
    await menu(page).waitFor()
    await page.touchscreen.tap(375, 300)
    await gone(page)
    await chat.rest(page)
    assert.equal(await drawer.count(), 1)
    await page.touchscreen.tap(375, 300)
    await drawer.waitFor({ state: 'detached' })
  },
  { options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
)
