// The search from everywhere, as a list of things to do.

import assert from 'node:assert/strict'
import { openPage } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { eventually, stage } from '../lib/stage.js'

const { behaviour } = stage()
const quick = '[tokens=3 rate=100]'

const palette = (page) => page.locator('[role=dialog]').filter({ has: page.locator('[type=search]') })

/** Opens it, types, and waits for what stands first. */
async function type(page, words, first) {
  await chat.rest(page)
  await page.keyboard.press('Control+k')
  const field = page.locator('[type=search]')
  await eventually(() => chat.isFocused(field), 'the caret is in the palette')
  await page.keyboard.type(words)
  await palette(page).getByRole('option').first().filter({ hasText: first }).waitFor()
}

/** Does what stands first for these words. */
async function command(page, words, first) {
  await type(page, words, first)
  await page.keyboard.press('Enter')
  await palette(page).waitFor({ state: 'detached' })
}

const focusIsIn = (page, locator, what) => eventually(() => chat.isFocused(locator), `the focus is in ${what}`)
const look = (page) => page.evaluate(() => document.documentElement.className + document.documentElement.lang)

behaviour('the palette does what menus do, by words and the keyboard alone', async ({ page }) => {
  const field = chat.message(page)
  await chat.ask(page, `the heron stood in the reeds ${quick}`)
  const path = await chat.address(page)
  const item = chat.conversations(page).locator(`a[href="${path}"]`)

  await page.keyboard.press('Control+k')
  for (const name of ['Recent', 'This conversation', 'Commands']) {
    await palette(page).getByRole('group', { name, exact: true }).waitFor()
  }
  await page.keyboard.type('>')
  await palette(page).getByRole('group', { name: 'Recent' }).waitFor({ state: 'detached' })
  await palette(page).getByRole('group', { name: 'Commands' }).waitFor()
  await page.keyboard.press('Escape')
  await palette(page).waitFor({ state: 'detached' })
  await focusIsIn(page, field, 'the field again')

  await command(page, 'dark', 'Theme: Dark')
  await eventually(async () => (await look(page)).includes('dark'), 'it is dark')
  await focusIsIn(page, field, 'the field again')

  await command(page, '>rename', 'Rename')
  await focusIsIn(page, page.getByRole('textbox', { name: 'Title' }), 'the title')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('Birds')
  await page.keyboard.press('Enter')
  await item.getByText('Birds').waitFor()

  await command(page, '>favour', 'Add to favourites')
  await page.getByRole('region', { name: 'Favourites' }).locator(`a[href="${path}"]`).waitFor()

  await command(page, '>share', 'Share')
  const sharing = page.getByRole('dialog', { name: 'Share this conversation' })
  await sharing.waitFor()
  await chat.rest(page)
  await page.keyboard.press('Escape')
  await sharing.waitFor({ state: 'detached' })

  await command(page, '>choose', 'Choose a model')
  await page.getByRole('menuitemradio').first().waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('menu').waitFor({ state: 'detached' })

  const exported = page.waitForEvent('download')
  await command(page, '>markdown', 'Export as Markdown')
  assert.match((await exported).suggestedFilename(), /\.md$/)

  await command(page, '>delete', 'Delete')
  await page.waitForURL('**/')
  await focusIsIn(page, field, 'the field of a new chat')
  await (await chat.held(page, 'Deleted')).click()
  await item.waitFor()
  await chat.opened(page, path)

  await command(page, '>trash', 'Open the trash')
  await page.waitForURL('**/settings/data#trash')
  await focusIsIn(page, page.getByRole('heading', { name: 'Deleted conversations' }), 'the section')
  await command(page, '>security', 'Settings: Security')
  await page.waitForURL('**/settings/security')
  await focusIsIn(page, page.getByRole('heading', { name: 'Settings' }), 'the heading')

  await command(page, '>italiano', 'Language: Italiano')
  await eventually(async () => (await look(page)).includes('it'), 'it is Italian')
  await command(page, 'chiaro', 'Tema: Chiaro')
  await eventually(async () => !(await look(page)).includes('dark'), 'it is light')
  await command(page, '>nuova', 'Nuova chat')
  await page.waitForURL('**/')
})

behaviour('a sign before the words asks for settings or for models alone', async ({ page }) => {
  await type(page, '/', 'General')
  await palette(page).getByText('> commands · / settings · @ models').waitFor()
  assert.equal(await palette(page).getByRole('group').count(), 1)
  await page.keyboard.type('prof')
  await palette(page).getByRole('option', { name: 'Profile', exact: true }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/settings/profile')
  await palette(page).waitFor({ state: 'detached' })

  // Where no model is shown, one is picked for a new chat.
  await type(page, '@', '')
  const names = await palette(page)
    .getByRole('group', { name: 'Models' })
    .getByRole('option')
    .locator('span:first-of-type')
    .allTextContents()
  assert.ok(names.length > 1, 'there are models')
  for (const name of [names.at(-1), names[0]]) {
    await page.keyboard.press('Escape')
    await palette(page).waitFor({ state: 'detached' })
    await command(page, `@${name}`, name)
    await page.waitForURL('**/')
    await page.getByRole('button', { name: `Model: ${name}`, exact: true }).waitFor()
    await type(page, `@${name}`, `${name} (in use)`)
  }
  await page.keyboard.press('Escape')

  // What is no page of the settings may be in what was said.
  await palette(page).waitFor({ state: 'detached' })
  await chat.ask(page, `it lies in /etc/heron ${quick}`)
  await chat.newChat(page)
  await type(page, '/etc', 'heron')
})

behaviour('a message of another branch is shown on its branch, also after signing in', async ({ page, browser, programs, context }) => {
  await chat.ask(page, `apples ${quick}`)
  await chat.ask(page, `and pears ${quick}`)
  const path = await chat.address(page)
  const first = chat.questions(page).first()
  await first.hover()
  await chat.button(first, 'Edit').click()
  await page.getByRole('textbox', { name: 'Edit message' }).fill(`plums ${quick}`)
  await page.getByRole('textbox', { name: 'Edit message' }).press('Enter')
  await first.getByText('2/2').waitFor()
  await chat.settledText(page)
  assert.equal(await chat.questions(page).count(), 1)

  await command(page, 'pears', 'pears')
  const marked = page.locator('article[aria-current]')
  await marked.filter({ hasText: 'and pears' }).waitFor()
  await first.getByText('1/2').waitFor()
  await eventually(() => chat.isFocused(chat.message(page)), 'the caret is in the field')
  const { hash } = new URL(page.url())
  assert.match(hash, /^#m\d+$/)

  const me = await (await context.request.get('/api/v1/me')).json()
  const { page: elsewhere, complaints } = await openPage(browser, programs.url)
  await elsewhere.goto(path + hash)
  await elsewhere.getByLabel('Email or user name', { exact: true }).fill(me.username)
  await elsewhere.getByLabel('Password', { exact: true }).fill('correct horse battery')
  await elsewhere.keyboard.press('Enter')
  await elsewhere.waitForURL(`**${path}${hash}`)
  await elsewhere.locator('article[aria-current]').filter({ hasText: 'and pears' }).waitFor()
  assert.deepEqual(complaints.filter((one) => !/401/.test(one)), [])
  await elsewhere.context().close()
})

behaviour('a conversation that was found opens in a new tab', async ({ page, context }) => {
  await chat.ask(page, `the heron stood in the reeds ${quick}`)
  const path = await chat.address(page)
  await chat.newChat(page)
  await type(page, 'heron', 'heron')
  const opening = context.waitForEvent('page')
  await page.keyboard.press('Control+Enter')
  const tab = await opening
  await tab.waitForURL(`**${path}*`)
  assert.equal(new URL(page.url()).pathname, '/')
  await palette(page).waitFor()
})

behaviour('Enter that comes sooner than the answer opens what it was pressed for', async ({ page }) => {
  await chat.ask(page, `the heron stood in the reeds [tokens=3 rate=100 title=Herons]`)
  const heron = await chat.address(page)
  await chat.newChat(page)
  await chat.ask(page, `the horse stood in the barn [tokens=3 rate=100 title=Horses]`)
  const horse = await chat.address(page)
  for (const title of ['Herons', 'Horses']) await chat.conversations(page).getByText(title, { exact: true }).waitFor()

  // What is found for the first letters is there, and what is found for all of them is not.
  await page.route(/search\?q=.*reeds/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    await route.continue()
  })
  await type(page, 'stood', 'stood')
  await page.keyboard.type(' in the reeds')
  await page.keyboard.press('Enter')
  await page.waitForURL(`**${heron}#*`)
  await palette(page).waitFor({ state: 'detached' })

  // Other words take it back, and what is not found at all is said.
  await chat.open(page, horse)
  await type(page, 'barn', 'barn')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('in the reeds')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('heron')
  await palette(page).getByRole('option').filter({ hasText: 'in the reeds' }).first().waitFor()
  await chat.rest(page)
  assert.equal(new URL(page.url()).pathname, horse)
  await palette(page).waitFor()
})
