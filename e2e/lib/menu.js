// Open menus, by the keyboard.

import * as chat from './chat.js'
import { eventually } from './stage.js'

/** Presses the arrow down until the item of a menu has the focus, which comes to the next item a moment after the key. */
export async function goDownTo(page, item) {
  const isInside = () => page.evaluate(() => Boolean(document.activeElement?.closest('[role=menu]')))
  await eventually(isInside, 'the focus is in the menu')
  const focused = () => page.evaluate(() => document.activeElement?.textContent)
  while (!(await chat.isFocused(item))) {
    const before = await focused()
    await page.keyboard.press('ArrowDown')
    await eventually(async () => (await focused()) !== before, `the focus moves on from "${before}"`)
  }
}
