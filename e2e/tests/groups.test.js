// Where conversations stand: favourites, groups, the archive, and many at once.

import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { hearsNews } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { goDownTo } from '../lib/menu.js'
import { eventually, stage } from '../lib/stage.js'

const { behaviour } = stage()

/** Makes conversations with these titles, and gives their addresses. */
async function converse(page, ...titles) {
  const made = []
  for (const title of titles) {
    if (made.length > 0) await chat.newChat(page)
    await chat.ask(page, `${title} [tokens=2 rate=100 title=${title}]`)
    made.push(await chat.address(page))
    // The model's title, which comes last.
    await chat.conversations(page).getByRole('link', { name: title, exact: true }).waitFor()
  }
  await chat.rest(page)
  return made
}

/** A section of the sidebar, or one of its groups. */
const favorites = (page) => chat.conversations(page).getByRole('region', { name: 'Favourites', exact: true })
const group = (page, name) =>
  chat
    .conversations(page)
    .getByRole('region', { name: 'Groups', exact: true })
    .getByRole('listitem', { name, exact: true })
const today = (page) => chat.conversations(page).getByRole('region', { name: 'Today', exact: true })
const link = (scope, path) => scope.locator(`a[href="${path}"]`)

/** Opens the menu of a conversation. */
async function openMenu(page, title) {
  const options = chat.button(chat.conversations(page), `Options for ${title}`).first()
  await options.focus()
  await options.press('Enter')
  await page.getByRole('menu').waitFor()
}

async function choose(page, title, item) {
  await openMenu(page, title)
  await page.getByRole('menuitem', { name: item, exact: true }).click()
}

async function makeGroup(page, name) {
  await chat.button(page, 'New group').click()
  const dialog = page.getByRole('dialog', { name: 'New group' })
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name)
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await group(page, name).waitFor()
}

const gone = (locator) => locator.waitFor({ state: 'detached' })

behaviour('groups: create a group, rename it, fold it, and delete it', async ({ page }) => {
  const [goats] = await converse(page, 'Goats')
  await makeGroup(page, 'Work')
  await eventually(() => chat.isFocused(chat.button(page, 'New group')), 'the focus is back on the button')
  await group(page, 'Work').getByText('Nothing in this group yet.').waitFor()

  const work = chat.button(group(page, 'Work'), 'Work')
  await work.press('F2')
  await page.getByRole('textbox', { name: 'Name of the group' }).fill('Play')
  await page.keyboard.press('Enter')
  await group(page, 'Play').waitFor()
  const play = chat.button(group(page, 'Play'), 'Play')
  const isUnfolded = async (state) => (await play.getAttribute('aria-expanded')) === state
  await eventually(() => isUnfolded('true'), 'it is unfolded')
  await play.click()
  await eventually(() => isUnfolded('false'), 'it is folded')
  await page.reload()
  await group(page, 'Play').waitFor()
  assert.equal(await play.getAttribute('aria-expanded'), 'false', 'it stays folded')

  await link(today(page), goats).dragTo(play)
  await link(group(page, 'Play'), goats).waitFor()
  await gone(link(today(page), goats))

  const options = chat.button(page, 'Options for the group Play')
  await options.focus()
  await options.press('Enter')
  await page.getByRole('menuitem', { name: 'Delete group' }).click()
  const dialog = page.getByRole('dialog', { name: 'Delete the group "Play"?' })
  await dialog.getByText('Its conversations stay').waitFor()
  await chat.rest(page)
  await page.keyboard.press('Escape')
  await gone(dialog)
  await eventually(() => chat.isFocused(options), 'the focus is back')
  await options.press('Enter')
  await page.getByRole('menuitem', { name: 'Delete group' }).click()
  await chat.button(dialog, 'Delete group').click()
  await gone(group(page, 'Play'))
  await link(today(page), goats).waitFor()
})

behaviour('groups: move by menu, by the keyboard alone, and out again', async ({ page }) => {
  const [goats] = await converse(page, 'Goats', 'Sheep')
  await openMenu(page, 'Goats')
  // To "Move to group", its submenu, and "New group…", the only one there.
  const item = page.getByRole('menuitem', { name: 'Move to group' })
  await goDownTo(page, item)
  await page.keyboard.press('ArrowRight')
  await eventually(() => chat.isFocused(page.getByRole('menuitem', { name: 'New group…' })), 'the submenu')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'New group' })
  await eventually(() => chat.isFocused(dialog.getByRole('textbox', { name: 'Name' })), 'the field')
  await page.keyboard.type('Work')
  await page.keyboard.press('Enter')
  const undo = await chat.held(page, 'Moved')
  await link(group(page, 'Work'), goats).waitFor()
  await gone(link(today(page), goats))

  await undo.click()
  await link(today(page), goats).waitFor()
  await group(page, 'Work').getByText('Nothing in this group yet.').waitFor()

  const move = async (to) => {
    await openMenu(page, 'Goats')
    await page.getByRole('menuitem', { name: 'Move to group' }).press('ArrowRight')
    await page.getByRole('menuitemradio', { name: to }).waitFor()
    await chat.rest(page)
    await page.getByRole('menuitemradio', { name: to }).press('Enter')
  }
  await move('Work')
  await link(group(page, 'Work'), goats).waitFor()
  await eventually(() => chat.isFocused(link(group(page, 'Work'), goats)), 'the focus goes with it')
  await page.reload()
  await link(group(page, 'Work'), goats).waitFor()
  await move('No group')
  await link(today(page), goats).waitFor()
})

behaviour('groups: a favourite stands at the top', async ({ page }) => {
  const [goats, sheep] = await converse(page, 'Goats', 'Sheep')
  await choose(page, 'Goats', 'Add to favourites')
  await link(favorites(page), goats).waitFor()
  await gone(link(today(page), goats))
  const all = () =>
    chat
      .conversations(page)
      .locator('a[href^="/c/"]')
      .evaluateAll((links) => links.map((one) => one.getAttribute('href')))
  const areListed = (...paths) =>
    eventually(async () => isDeepStrictEqual(await all(), paths), `${paths}, in this order`)
  await areListed(goats, sheep)
  await page.reload()
  await link(favorites(page), goats).waitFor()
  await areListed(goats, sheep)
  await choose(page, 'Goats', 'Remove from favourites')
  await gone(favorites(page))
  await areListed(sheep, goats)
})

behaviour(
  'groups: a favourite that is refused goes back, and says so',
  async ({ page }) => {
    const [goats] = await converse(page, 'Goats')
    let letGo
    const held = new Promise((resolve) => (letGo = resolve))
    await page.route('**/api/v1/conversations/bulk', async (route) => {
      await held
      await route.fulfill({
        status: 503,
        contentType: 'application/problem+json',
        body: '{"title":"Not now","status":503}',
      })
    })
    await choose(page, 'Goats', 'Add to favourites')
    await link(favorites(page), goats).waitFor()
    letGo()
    await chat.notice(page, 'Not now').waitFor()
    await gone(favorites(page))
    await link(today(page), goats).waitFor()
  },
  { expected: /status of 503/ },
)

behaviour('groups: archive and back', async ({ page }) => {
  const [goats, sheep] = await converse(page, 'Goats', 'Sheep')
  await choose(page, 'Goats', 'Archive')
  const undo = await chat.held(page, 'Archived')
  await gone(link(chat.conversations(page), goats))
  await undo.click()
  await link(today(page), goats).waitFor()
  await choose(page, 'Goats', 'Archive')
  await gone(link(chat.conversations(page), goats))
  await page.goto('/settings/data')
  await page.getByRole('link', { name: 'Goats' }).waitFor()
  await chat.button(page, 'Restore Goats').click()
  await page.getByText('The archive is empty.').waitFor()
  await link(today(page), goats).waitFor()
  await link(today(page), sheep).waitFor()
})

behaviour('groups: bulk delete with undo', async ({ page }) => {
  const paths = await converse(page, 'Goats', 'Sheep', 'Cows', 'Hens')
  const [goats, , , hens] = paths
  assert.equal(new URL(page.url()).pathname, hens)
  await chat.button(page, 'Select conversations').click()
  const box = (name) => chat.conversations(page).getByRole('checkbox', { name, exact: true })
  await box('Hens').check()
  await box('Sheep').click({ modifiers: ['Shift'] })
  await page.getByText('3 selected').first().waitFor()
  assert.equal(await box('Cows').isChecked(), true, 'a range')
  assert.equal(await box('Goats').isChecked(), false)
  const bar = chat.conversations(page).getByRole('group', { name: '3 selected' })
  await chat.button(bar, 'Delete').click()
  const restored = await chat.held(page, 'Deleted 3 conversations')
  await page.waitForURL('**/')
  await gone(link(today(page), hens))
  await link(today(page), goats).waitFor()
  const listed = chat.conversations(page).locator('a[href^="/c/"]')
  await eventually(async () => (await listed.count()) === 1, 'one is left')
  await restored.click()
  for (const path of paths) await link(today(page), path).waitFor()
  await page.waitForURL(`**${hens}`)

  await chat.button(page, 'Select conversations').click()
  await chat.button(page, 'Select all').click()
  const all = chat.conversations(page).getByRole('group', { name: '4 selected' })
  await all.waitFor()
  await chat.button(all, 'Archive').click()
  const undo = await chat.held(page, 'Archived 4 conversations')
  await gone(today(page))
  await undo.click()
  for (const path of paths) await link(today(page), path).waitFor()

  await makeGroup(page, 'Farm')
  await chat.button(page, 'Select conversations').click()
  await box('Goats').press('Space')
  const one = chat.conversations(page).getByRole('group', { name: '1 selected' })
  await chat.button(one, 'Move to group').click()
  await page.getByRole('menuitemradio', { name: 'Farm' }).click()
  await link(group(page, 'Farm'), goats).waitFor()

  await chat.button(page, 'Select conversations').click()
  await box('Goats').press('Escape')
  await link(group(page, 'Farm'), goats).waitFor()
})

behaviour('groups: a second tab sees it', async ({ page, context }) => {
  const [goats, sheep] = await converse(page, 'Goats', 'Sheep')
  const other = await context.newPage()
  await other.goto('/')
  await link(today(other), goats).waitFor()
  await link(today(other), sheep).waitFor()
  for (const tab of [page, other]) await hearsNews(tab)

  await makeGroup(page, 'Work')
  await group(other, 'Work').waitFor()
  await link(today(page), goats).dragTo(chat.button(group(page, 'Work'), 'Work'))
  await gone(link(today(other), goats))
  await chat.button(group(other, 'Work'), 'Work').click()
  await link(group(other, 'Work'), goats).waitFor()

  await choose(other, 'Sheep', 'Add to favourites')
  await link(favorites(page), sheep).waitFor()
  await page.bringToFront()
  await choose(page, 'Sheep', 'Archive')
  await gone(link(chat.conversations(other), sheep))

  const options = chat.button(page, 'Options for the group Work')
  await options.focus()
  await options.press('Enter')
  await page.getByRole('menuitem', { name: 'Delete group' }).click()
  await chat.button(page.getByRole('dialog'), 'Delete group').click()
  await gone(group(other, 'Work'))
  await link(today(other), goats).waitFor()
})
