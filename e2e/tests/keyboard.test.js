// Everything that a person does in a day, without a pointer.

import assert from 'node:assert/strict'
import * as chat from '../lib/chat.js'
import { goDownTo } from '../lib/menu.js'
import { eventually, stage } from '../lib/stage.js'

const { behaviour } = stage()
const quick = '[tokens=3 rate=100]'

/** Goes to something by the Tab key, as far as there is anything to go to, and sees the focus there. */
async function tabTo(page, locator, what, key = 'Tab') {
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
async function choose(page, item) {
  await page.getByRole('menu').last().waitFor()
  await item.waitFor()
  await goDownTo(page, item)
  await page.keyboard.press('Enter')
}

const write = async (page, text) => {
  await eventually(() => chat.isFocused(chat.message(page)), 'the caret is in the field')
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
}

const link = (page, path) => chat.conversations(page).locator(`a[href="${path}"]`)

behaviour('a conversation is begun, left, gone back to, stopped and found by keyboard alone', async ({ page }) => {
  await write(page, 'Count on [tokens=12000 rate=40 title=Counting]')
  const counting = await chat.address(page)
  await chat.waitForText(page, 't00005')

  // Away while it is answered, and back.
  await page.keyboard.press('Control+Shift+o')
  await page.waitForURL('**/')
  await chat.answers(page).first().waitFor({ state: 'detached' })
  await chat.ready(page)
  await write(page, `Birds of the sea ${quick}`)
  const birds = await chat.address(page)
  await chat.settledText(page)
  await tabTo(page, link(page, counting), 'the conversation that was left', 'Shift+Tab')
  await page.keyboard.press('Enter')
  await chat.opened(page, counting)
  await eventually(() => chat.isFocused(chat.message(page)), 'the caret is in the field of what was opened')
  await chat.button(page, 'Stop').waitFor()
  await chat.rest(page)
  await page.keyboard.press('Escape')
  chat.assertGapless(await chat.settledText(page))
  await chat.answers(page).last().getByText('Stopped', { exact: true }).waitFor()

  await page.keyboard.press('Control+k')
  await eventually(() => chat.isFocused(page.getByRole('searchbox')), 'the caret is in the search')
  await page.keyboard.type('birds of')
  await page.getByRole('option').filter({ hasText: /birds/i }).first().waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL((url) => url.pathname === birds)
  await chat.questions(page).getByText('Birds of the sea').waitFor()
})

behaviour('messages are edited, answered anew and compared by keyboard alone', async ({ page }) => {
  await write(page, `apples ${quick}`)
  await chat.settledText(page)
  const question = chat.questions(page).first()
  await tabTo(page, chat.button(question, 'Edit'), 'the button that edits', 'Shift+Tab')
  await page.keyboard.press('Enter')
  const field = page.getByRole('textbox', { name: 'Edit message' })
  await eventually(() => chat.isFocused(field), 'the caret is in what is edited')
  await page.keyboard.press('Escape')
  await eventually(() => chat.isFocused(chat.button(question, 'Edit')), 'what was given up gives the focus back')
  await page.keyboard.press('Enter')
  await eventually(() => chat.isFocused(field), 'the caret is in what is edited')
  await page.keyboard.press('Control+a')
  await page.keyboard.type(`plums ${quick}`)
  await page.keyboard.press('Enter')
  await question.getByText('2/2').waitFor()
  await chat.settledText(page)
  await eventually(() => chat.isFocused(chat.message(page)), 'the caret is in the field after an edit')
  await tabTo(page, chat.button(question, 'Previous version'), 'the version before', 'Shift+Tab')
  await page.keyboard.press('Enter')
  await question.getByText('1/2').waitFor()
  await question.getByText('apples').waitFor()
  // There is no version before the first one.
  await eventually(() => chat.isFocused(chat.button(question, 'Next version')), 'the focus stays at the versions')

  const answer = chat.answers(page).last()
  await tabTo(page, chat.button(answer, 'Regenerate'), 'the button that answers anew')
  await page.keyboard.press('Enter')
  await answer.getByText('2/2').waitFor()
  await chat.settledText(page)
  await eventually(() => chat.isFocused(chat.button(answer, 'Regenerate')), 'the focus is where it was, at the new answer')

  await tabTo(page, chat.button(answer, 'Previous version'), 'the answer before')
  await page.keyboard.press('Enter')
  await answer.getByText('1/2').waitFor()
  await eventually(() => chat.isFocused(chat.button(answer, 'Next version')), 'the focus stays at the versions')

  await tabTo(page, chat.button(answer, 'Copy'), 'the button that copies', 'Shift+Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('status').getByText('Copied').waitFor()
})

behaviour('conversations are renamed, deleted and brought back by keyboard alone', async ({ page }) => {
  await write(page, `goats ${quick}`)
  await chat.settledText(page)
  const goats = await chat.address(page)
  await tabTo(page, link(page, goats), 'the conversation in the list', 'Shift+Tab')
  await page.keyboard.press('F2')
  const title = page.getByRole('textbox', { name: 'Title' })
  await eventually(() => chat.isFocused(title), 'the caret is in the title')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('Herd')
  await page.keyboard.press('Enter')
  await link(page, goats).getByText('Herd').waitFor()
  await eventually(() => chat.isFocused(link(page, goats)), 'the focus is on the conversation again')
  await page.keyboard.press('F2')
  await eventually(() => chat.isFocused(title), 'the caret is in the title')
  await page.keyboard.press('Escape')
  await eventually(() => chat.isFocused(link(page, goats)), 'after Escape too')

  const options = chat.button(chat.conversations(page), 'Options for Herd')
  await tabTo(page, options, 'the menu of the conversation')
  await page.keyboard.press('Enter')
  await choose(page, page.getByRole('menuitem', { name: 'Delete', exact: true }))
  // Pointed at, the notice stays as long as a slow machine needs for the way there.
  await chat.held(page, 'Deleted')
  await page.waitForURL('**/')
  await eventually(() => chat.isFocused(chat.message(page)), 'the caret is in the field of a new chat')
  await tabTo(page, chat.button(page, 'Undo'), 'the way back')
  await page.keyboard.press('Enter')
  await link(page, goats).waitFor()
  await page.waitForURL(`**${goats}`)
})

behaviour('the last answer and the last code are copied, and conversations are gone through, by keys', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const copied = () => page.evaluate(() => navigator.clipboard.readText())
  await write(page, `words ${quick}`)
  await chat.settledText(page)
  const words = await chat.address(page)
  await page.keyboard.press('Control+Shift+C')
  await chat.notice(page, 'Copied').waitFor()
  assert.deepEqual(chat.tokens(await copied()), [1, 2, 3])
  await page.keyboard.press('Control+Shift+:')
  await chat.notice(page, 'There is nothing to copy.').waitFor()

  await page.keyboard.press('Control+Shift+o')
  await page.waitForURL('**/')
  await chat.answers(page).first().waitFor({ state: 'detached' })
  await chat.ready(page)
  await write(page, `more words ${quick}`)
  await chat.settledText(page)
  const more = await chat.address(page)
  await link(page, more).waitFor()
  await page.keyboard.press('Alt+ArrowDown')
  await chat.opened(page, words)
  await page.keyboard.press('Alt+ArrowUp')
  await chat.opened(page, more)
  await eventually(() => chat.isFocused(chat.message(page)), 'the caret is in the field')
  assert.equal(await chat.message(page).inputValue(), '')
})

behaviour('the model, the settings and the way out are reached by keyboard alone', async ({ page, context }) => {
  const me = await (await context.request.get('/api/v1/me')).json()
  await page.keyboard.press('Control+Shift+m')
  await choose(page, page.getByRole('menuitemradio', { name: /^fake-2\b/ }))
  const picker = page.getByRole('button', { name: /^Model: fake-2/ })
  await picker.waitFor()
  await eventually(() => chat.isFocused(picker), 'the focus is on the model')

  const account = page.getByRole('button', { name: me.username }).last()
  await tabTo(page, account, 'the menu of the account', 'Shift+Tab')
  await page.keyboard.press('Enter')
  await choose(page, page.getByRole('menuitem', { name: 'Settings' }))
  await page.waitForURL('**/settings**')
  const theme = page.getByRole('combobox', { name: 'Theme' })
  await tabTo(page, theme, 'the theme')
  await page.keyboard.type('Dark')
  await eventually(() => page.evaluate(() => document.documentElement.classList.contains('dark')), 'it is dark')
  const data = page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Data' })
  await tabTo(page, data, 'another tab of the settings', 'Shift+Tab')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/settings/data')
  await tabTo(page, page.getByRole('link', { name: 'Back to chat' }), 'the way back', 'Shift+Tab')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/')
  await eventually(() => chat.isFocused(chat.message(page)), 'the caret is in the field')

  await tabTo(page, account, 'the menu of the account', 'Shift+Tab')
  await page.keyboard.press('Enter')
  await choose(page, page.getByRole('menuitem', { name: 'Sign out' }))
  const name = page.getByLabel('Email or user name', { exact: true })
  await page.waitForURL('**/login**')
  await name.waitFor()
  await tabTo(page, name, 'the name')
  await page.keyboard.type(me.username)
  await tabTo(page, page.getByLabel('Password', { exact: true }), 'the password')
  await page.keyboard.type('correct horse battery')
  await page.keyboard.press('Enter')
  await eventually(async () => (await chat.message(page).count()) === 1 && chat.isFocused(chat.message(page)), 'the caret is in the field')
})
