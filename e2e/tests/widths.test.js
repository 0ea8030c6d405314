// Every screen in every width, in both languages: nothing has to be pushed sideways, and nothing lies outside.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage, picturing } from '../lib/browser.js'
import { complete, drawn } from '../lib/detector.js'
import { signUp, stage } from '../lib/stage.js'

const { set } = stage({ tells: true })
const widths = [360, 768, 1280, 1920]

const long = [
  `A word without an end: ${'Donaudampfschifffahrtsgesellschaft'.repeat(6)}, and https://example.org/${'path/'.repeat(60)}`,
  `\`${'inline_code_'.repeat(30)}\``,
  `\`\`\`js\nconst wide = '${'x'.repeat(400)}'\n\`\`\``,
  `|${' a wide column |'.repeat(24)}\n|${' --- |'.repeat(24)}\n|${' some words in it |'.repeat(24)}`,
  `$$\n${'a_{1} + '.repeat(80)}b\n$$`,
].join('\n\n')

/** What of a page is cut off: the page itself where it can be pushed sideways, and what can be pressed but not be seen. */
const outside = (page) =>
  page.evaluate(() => {
    const found = []
    const { scrollWidth } = document.documentElement
    if (scrollWidth > innerWidth) found.push(`the page is ${scrollWidth} wide, of ${innerWidth}`)
    // A screen is read from top to bottom: what holds it goes down, and never sideways.
    const isScreen = (box) => box.matches('.scroll-area')
    for (const box of document.querySelectorAll('.scroll-area'))
      if (box.scrollWidth > box.clientWidth && box.clientWidth > 0)
        found.push(`${box.outerHTML.slice(0, 120)}: ${box.scrollWidth} wide, of ${box.clientWidth}`)
    // What lies in a box that is meant to be slid, code or a table, is reached there.
    const isKept = (one) => {
      for (let box = one.parentElement; box; box = box.parentElement)
        if (!isScreen(box) && /auto|scroll/.test(getComputedStyle(box).overflowX) && box.scrollWidth > box.clientWidth)
          return true
      return false
    }
    for (const one of document.querySelectorAll('a, button, input, textarea, select, h1, h2, label, [role=option]')) {
      const { left, right, width } = one.getBoundingClientRect()
      if (width <= 1 || !one.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue
      if (one.closest('.sr-only, [inert]') || isKept(one)) continue
      if (left < -0.5 || right > innerWidth + 0.5)
        found.push(`${one.outerHTML.slice(0, 120)}: ${Math.round(left)} to ${Math.round(right)} of ${innerWidth}`)
    }
    return found
  })

/** Looks at what is on screen in each width. */
async function assertInside(page, where) {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 })
    await drawn(page)
    assert.deepEqual(await outside(page), [], `${where}, ${width} pixels wide`)
  }
}

for (const [locale, said] of Object.entries({ 'en-GB': 'Sign in', 'it-IT': 'Accedi' }))
  test(`no screen is wider than its page, from ${widths[0]} to ${widths.at(-1)} pixels, for a browser in ${locale}`, async () => {
    const { page, complaints } = await openPage(set.browser, set.programs.url, { locale, patient: true })
    await picturing(page, `widths-${locale}`, async () => {
      // The language is the browser's, without being chosen.
      await page.goto('/login')
      await page.getByRole('button', { name: said, exact: true }).waitFor()
      assert.equal(await page.evaluate(() => document.documentElement.lang), locale.slice(0, 2))
      for (const path of ['/login', '/register', '/reset', '/reset?token=none']) {
        await page.goto(path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await assertInside(page, path)
      }

      await signUp(page.context())
      await page.goto('/')
      const field = page.locator('main textarea')
      await field.waitFor()
      await assertInside(page, 'a new chat')
      set.teller.next(long, { rate: 0, size: 4000, reasoning: long })
      await field.fill(long.slice(0, 600))
      await field.press('Enter')
      await page.waitForURL(/\/c\/\d+/)
      await page.locator('article[aria-busy="false"]').last().waitFor()
      await complete(page)
      await assertInside(page, 'a conversation of long words')
      const id = Number(/\d+/.exec(new URL(page.url()).pathname)[0])
      const { request } = page.context()
      await request.patch(`/api/v1/conversations/${id}`, { data: { title: 'Donaudampfschifffahrtsgesellschaft'.repeat(5) } })
      await request.post('/api/v1/groups', { data: { name: 'Rindfleischetikettierungsgesetz'.repeat(2) } })
      const { token } = await (await request.post(`/api/v1/conversations/${id}/share`)).json()
      await page.reload()
      await page.locator('article').last().waitFor()
      await complete(page)
      await assertInside(page, 'a conversation with a long title')

      for (const keys of ['Control+k', 'Control+/']) {
        await page.keyboard.press(keys)
        const dialog = page.getByRole('dialog')
        await dialog.waitFor()
        await assertInside(page, keys)
        await page.keyboard.press('Escape')
        await dialog.waitFor({ state: 'detached' })
      }
      for (const tab of ['general', 'profile', 'security', 'model', 'data', 'shortcuts']) {
        await page.goto(`/settings/${tab}`)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await assertInside(page, `settings, ${tab}`)
      }
      await page.goto('/nowhere/at/all')
      await page.getByRole('heading').first().waitFor()
      await assertInside(page, 'not found')
      for (const path of [`/s/${token}`, '/s/none']) {
        await page.goto(path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await assertInside(page, path)
      }
      assert.deepEqual(complaints.filter((one) => !/404/.test(one)), [])
    })
    await page.context().close()
  })

test('what lies outside of a page is seen', async () => {
  const { page } = await openPage(set.browser, set.programs.url)
  await page.goto('/login')
  await page.getByRole('heading', { level: 1 }).waitFor()
  assert.deepEqual(await outside(page), [])
  await page.evaluate(() => {
    const button = document.querySelector('button[type=submit]')
    button.style.cssText = 'position: fixed; left: -20px'
    const box = Object.assign(document.createElement('div'), { className: 'scroll-area' })
    box.append(document.createElement('p'))
    box.firstChild.style.cssText = 'width: 3000px; height: 1px'
    document.body.append(box)
  })
  assert.equal((await outside(page)).length, 2)
  await page.context().close()
})
