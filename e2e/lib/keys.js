// Going about by keys alone, as somebody without a pointer does.

import assert from 'node:assert/strict'
import * as chat from './chat.js'
import { goDownTo } from './menu.js'
import { eventually } from './stage.js'

/** Goes to something by the Tab key, as far as there is anything to go to, and sees the focus there. */
export async function tabTo(page, locator, what, key = 'Tab') {
  // What cannot be pressed yet would be passed by.
  await locator.and(page.locator(':not(:disabled)')).first().waitFor()
  await chat.rest(page)
  for (let tabs = 0; !(await locator.evaluateAll((all) => all.includes(document.activeElement))); tabs += 1) {
    assert.ok(tabs < 80, `${what} is reached by ${key}`)
    await page.keyboard.press(key)
  }
  const ring = await page.evaluate(() => document.activeElement.matches(':focus-visible'))
  assert.ok(ring, `${what} shows that it has the focus`)
}

/** Goes down in an open menu to an item, and chooses it. */
export async function choose(page, item) {
  await page.getByRole('menu').last().waitFor()
  await item.waitFor()
  await goDownTo(page, item)
  await page.keyboard.press('Enter')
}

/** Writes into the message field, and sends. */
export const write = async (page, text) => {
  await eventually(() => chat.isFocused(chat.message(page)), 'the caret is in the field')
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
}
