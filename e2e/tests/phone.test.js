// The same product in a hand: phone width, dark.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage, picturing } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { stage } from '../lib/stage.js'

const { set } = stage()

test('everything is within reach on a phone', async () => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: 'dark' }
  const { page, complaints } = await openPage(set.browser, set.programs.url, phone)
  await picturing(page, 'phone', async () => {
    await chat.register(page, { name: 'grace', email: 'grace@example.org', password: 'correct horse battery' })
    await chat.send(page, 'Count to twenty [tokens=20 rate=100]')
    chat.assertGapless(await chat.settledText(page), 20)
    assert.equal(await sidewaysScroll(page), 0, 'the page does not scroll sideways')
    assert.equal(await page.evaluate(() => document.documentElement.classList.contains('dark')), true)

    // A finger beside an open menu closes it, and does not press what lies there.
    await chat.button(page, 'More').tap()
    await page.getByRole('menu').waitFor()
    const { x, y, width, height } = await chat.button(page, 'New chat').boundingBox()
    await page.touchscreen.tap(x + width / 2, y + height / 2)
    await page.getByRole('menu').waitFor({ state: 'detached' })
    await chat.rest(page)
    await page.waitForURL(/\/c\/\d+/)
    assert.equal(await chat.isFocused(chat.button(page, 'More')), true)

    await chat.button(page, 'Open menu').click()
    await chat.conversations(page).getByRole('link').first().waitFor()
    assert.equal(await sidewaysScroll(page), 0, 'nor with the menu open')
    await chat.button(chat.conversations(page), 'New chat').click()
    await chat.message(page).waitFor()
  })
  assert.deepEqual(complaints, [])
})

const sidewaysScroll = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
