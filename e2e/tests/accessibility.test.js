// No screen breaks a rule of axe, in light, dark and in a hand.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertClean, looks, violations } from '../lib/axe.js'
import { openPage, picturing } from '../lib/browser.js'
import { watchRequests } from '../lib/budgets.js'
import * as chat from '../lib/chat.js'
import { complete } from '../lib/detector.js'
import { signUp, stage } from '../lib/stage.js'

const { set } = stage({ tells: true })
const everything = [
  '# A heading\n\nSome **bold**, *emphasis*, `code`, ~~gone~~, a [link](https://example.org) and a note[^1].',
  '- one\n- two\n  1. nested\n\n- [x] done\n- [ ] open',
  '> A quotation.\n\n---',
  '| a | b |\n|---|--:|\n| 1 | 2 |\n| three | 4 |',
  '```python\ndef greet(name):\n    return f"Hello, {name}"  # a comment\n```',
  '```\nplain\n```',
  'Inline $a^2$ and\n\n$$\n\\frac{1}{2}\n$$\n\nand a wrong one $\\wrong{x}$.',
  '```mermaid\nflowchart LR\n  A --> B\n```',
  '```mermaid\nno diagram\n```',
  '![A boat](https://images.example.org/boat.png)',
  '## Below\n\n### And deeper\n\n#### And deeper still',
  '[^1]: Where it is from.',
].join('\n\n')

async function converse(page) {
  set.teller.next(everything, { rate: 0, size: 4000, reasoning: 'first this\nthen that' })
  await chat.message(page).fill('Show me everything')
  await chat.button(page, 'Send').click()
  await chat.answers(page).last().and(page.locator('[aria-busy="false"]')).waitFor()
  // The title that comes later fades in: what is judged then has its colours.
  await page.locator('h1').filter({ hasText: 'A told title' }).waitFor({ state: 'attached' })
}

async function close(page) {
  await page.keyboard.press('Escape')
  await page.getByRole('menu').first().waitFor({ state: 'detached' })
}

/** The menu of a conversation, with the one inside it, and that of the account. */
async function assertSidebarMenus(page) {
  const list = chat.conversations(page)
  await list.getByRole('link').first().hover()
  await list
    .getByRole('button', { name: /^Options for/ })
    .first()
    .click()
  await page.getByRole('menuitem', { name: 'Move to group' }).click()
  await page.getByRole('menu').nth(1).waitFor()
  await assertClean(page, 'the menu of a conversation in the list')
  // Escape closes both.
  await close(page)
  await list.getByRole('button', { name: /^person/ }).click()
  await page.getByRole('menuitem', { name: 'Settings' }).waitFor()
  await assertClean(page, 'the menu of the account')
  await close(page)
}

for (const [look, options] of Object.entries(looks)) {
  test(`axe finds nothing on any screen in ${look}`, async () => {
    const { page } = await openPage(set.browser, set.programs.url, { ...options, patient: true })
    const settled = watchRequests(page)
    const small = look.startsWith('a hand')
    await picturing(page, `axe-${look.replaceAll(' ', '-')}`, async () => {
      for (const path of ['/login', '/register', '/reset', '/reset?token=none']) {
        await page.goto(path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await assertClean(page, path)
      }
      await page.goto('/login')
      await page.getByLabel('Email or user name').fill('nobody')
      await page.getByLabel('Password', { exact: true }).fill('wrong')
      await chat.button(page, 'Sign in').click()
      await page.getByRole('alert').waitFor()
      await assertClean(page, 'a sign-in that failed')

      await signUp(page.context())
      await page.goto('/')
      await chat.message(page).waitFor()
      await assertClean(page, 'a new chat')
      await converse(page)
      const scroller = chat.scroller(page)
      for (const where of [0, 0.5, 1]) {
        await scroller.evaluate((box, where) => (box.scrollTop = where * box.scrollHeight), where)
        await complete(page)
        await assertClean(page, `a conversation at ${where}`)
      }
      const answer = chat.answers(page).last()
      await answer.getByRole('button', { name: /^Thought/ }).click()
      await assertClean(page, 'open reasoning')
      await chat.button(answer, 'Full view').click()
      await page.getByRole('dialog').getByRole('img').waitFor()
      await assertClean(page, 'a diagram in full view')
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await chat.button(answer, 'Bad answer').click()
      await answer.getByRole('textbox').waitFor()
      await assertClean(page, 'a comment on an answer')
      await chat.button(answer, 'Skip').click()
      await chat.button(answer, 'More about this answer').click()
      await page.getByRole('menuitem', { name: 'Details' }).waitFor()
      await assertClean(page, 'the menu of an answer')
      await page.getByRole('menuitem', { name: 'Details' }).click()
      await page.getByRole('dialog', { name: 'Details' }).waitFor()
      await assertClean(page, 'the details of an answer')
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await chat.button(answer, 'More about this answer').click()
      await page.getByRole('menuitem', { name: 'Delete' }).click()
      await page.getByRole('dialog').getByText('1 message').waitFor()
      await assertClean(page, 'a message that may be deleted')
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await chat.questions(page).last().hover()
      await chat.button(chat.questions(page).last(), 'Edit').click()
      await assertClean(page, 'a message that is edited')
      await page.keyboard.press('Escape')

      await chat.rest(page)
      await page.getByRole('button', { name: /^Model:/ }).click()
      await page.getByRole('menuitemradio').first().waitFor()
      await assertClean(page, 'the models')
      await close(page)

      await chat.button(page, 'Answer options').click()
      await page.getByRole('dialog', { name: 'Answer options' }).waitFor()
      await assertClean(page, 'the options of answers')
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })

      await chat.button(page, 'More').click()
      await page.getByRole('menuitem', { name: 'Share…' }).waitFor()
      await assertClean(page, 'the menu of a conversation')
      await page.getByRole('menuitem', { name: 'Share…' }).click()
      const share = page.getByRole('dialog')
      await chat.button(share, 'Create link').click()
      const link = share.getByRole('textbox', { name: 'Link' })
      await link.waitFor()
      await assertClean(page, 'sharing')
      const shared = await link.inputValue()
      await page.keyboard.press('Escape')
      await share.waitFor({ state: 'detached' })

      if (small) {
        await chat.button(page, 'Open menu').click()
        await chat.conversations(page).getByRole('link').first().waitFor()
        await assertClean(page, 'the drawer')
        await assertSidebarMenus(page)
        await page.keyboard.press('Escape')
        await page.getByRole('dialog').waitFor({ state: 'detached' })
        await chat.rest(page)
      } else {
        await chat.rest(page)
        await page.keyboard.press('Control+/')
        await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
        await assertClean(page, 'shortcuts')
        await page.keyboard.press('Escape')
        await page.getByRole('dialog').waitFor({ state: 'detached' })
        await assertSidebarMenus(page)
        await chat.button(page, 'Close sidebar').click()
        await chat.button(page, 'Open sidebar').waitFor()
        await assertClean(page, 'the rail')
        await chat.button(page, 'Open sidebar').click()
        await chat.button(page, 'Select conversations').click()
        await assertClean(page, 'selecting')
        await chat.button(page, 'Done').click()
      }
      await page.keyboard.press('Control+k')
      await page.getByRole('searchbox').waitFor()
      await assertClean(page, 'an empty search')
      await page.getByRole('searchbox').fill('everything')
      // What is shown until the server has answered is paler.
      const found = page.locator('[role="listbox"]:not(.opacity-60)').getByRole('option')
      await found.locator('mark').first().waitFor()
      await assertClean(page, 'a search')
      await page.keyboard.press('Escape')

      for (const tab of ['general', 'profile', 'security', 'model', 'data', 'shortcuts']) {
        await page.goto(`/settings/${tab}`)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await settled()
        await assertClean(page, `settings, ${tab}`)
      }
      await page.goto('/nowhere/at/all')
      await page.getByText('There is nothing here').waitFor()
      await assertClean(page, 'not found')

      await page.goto(shared)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await complete(page)
      await assertClean(page, 'a shared conversation')
      await page.goto('/s/none')
      await page.getByRole('heading', { name: 'This link shows nothing any more' }).waitFor()
      await assertClean(page, 'a link that shows nothing')
    })
    await page.context().close()
  })
}

test('the gate sees what is wrong', async () => {
  const { page } = await openPage(set.browser, set.programs.url)
  await page.goto('/login')
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.evaluate(() => document.querySelector('label').remove())
  assert.ok((await violations(page)).length > 0)
  await page.context().close()
})
