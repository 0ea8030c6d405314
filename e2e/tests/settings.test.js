// What a person chooses, and what the other tabs and devices of the person make of it.

import assert from 'node:assert/strict'
import { hearsNews, openPage } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { eventually, stage } from '../lib/stage.js'

const { behaviour } = stage()
const quick = '[tokens=3 rate=100]'

const saved = (page) => page.getByRole('main').getByText('Saved', { exact: true })
/** Chooses something, and waits until the server has it. */
async function kept(page, choose) {
  const answered = page.waitForResponse((response) => response.url().endsWith('/preferences') && response.ok())
  await choose()
  await answered
  await chat.rest(page)
}

const rootClass = (page) => page.evaluate(() => document.documentElement.className)
const sizeOf = (locator) => locator.evaluate((node) => getComputedStyle(node).fontSize)

behaviour(
  'what is chosen in one tab holds in the others at once, and on the next device',
  async ({ page, context, browser, programs }) => {
    await chat.ask(page, `look at me ${quick}`)
    const other = await context.newPage()
    await other.goto('/settings')
    await kept(other, () => other.getByRole('combobox', { name: 'Theme' }).selectOption('dark'))
    await saved(other).waitFor()
    await eventually(async () => (await rootClass(page)).includes('dark'), 'the other tab is dark too')

    const question = chat.questions(page).first().getByText('look at me')
    const before = await sizeOf(question)
    assert.notEqual(before, '18px')
    await kept(other, () => other.getByRole('combobox', { name: 'Text size' }).selectOption('large'))
    await eventually(async () => (await sizeOf(question)) === '18px', 'the text grows')
    await other.reload()
    const chosen = () => other.getByRole('combobox', { name: 'Text size' }).inputValue()
    await eventually(async () => (await chosen()) === 'large', 'it is still chosen')

    await kept(other, () => other.getByRole('checkbox', { name: 'Break long lines of code' }).check())
    await eventually(() => page.evaluate(() => document.documentElement.dataset.code === 'wrap'), 'code is broken')

    await kept(other, () => other.getByRole('combobox', { name: 'Language' }).selectOption('it'))
    await page.getByRole('textbox', { name: 'Messaggio' }).waitFor()

    const { page: device, complaints } = await openPage(browser, programs.url)
    await device.goto('/login')
    const me = await (await context.request.get('/api/v1/me')).json()
    await device.getByLabel('Email or user name').fill(me.username)
    await device.getByLabel('Password', { exact: true }).fill('correct horse battery')
    await chat.button(device, 'Sign in').click()
    await device.getByRole('textbox', { name: 'Messaggio' }).waitFor()
    await eventually(async () => (await rootClass(device)).includes('dark'), 'the other device is dark')
    assert.deepEqual(complaints, [])
    await device.context().close()

    await other.getByRole('combobox', { name: 'Lingua' }).selectOption('en')
    await chat.message(page).waitFor()
  },
)

behaviour('a choice holds although the page is left at once', async ({ page, context }) => {
  await page.goto('/settings')
  for (const theme of ['dark', 'light', 'dark', 'light']) {
    await page.getByRole('combobox', { name: 'Theme' }).selectOption(theme)
    await page.reload()
    await page.getByRole('combobox', { name: 'Theme' }).waitFor()
    const { preferences } = await (await context.request.get('/api/v1/me')).json()
    assert.equal(preferences.theme, theme)
    await eventually(async () => (await rootClass(page)).includes('dark') === (theme === 'dark'), `the page is ${theme}`)
  }
})

behaviour('the density that was chosen holds in the sidebar and in answers, also on the next device', async ({ page, context }) => {
  await chat.ask(page, `look at me ${quick}`)
  const path = await chat.address(page)
  const row = (tab) => chat.conversations(tab).locator(`a[href="${path}"]`)
  const heightOf = async (tab) => (await row(tab).boundingBox()).height
  const comfortable = 32
  await eventually(async () => (await heightOf(page)) === comfortable, 'the row is comfortable')
  const other = await context.newPage()
  await other.goto('/settings')
  await other.getByRole('combobox', { name: 'Density' }).selectOption('compact')
  await saved(other).waitFor()
  await eventually(async () => (await heightOf(page)) < comfortable, 'the other tab is denser')
  // By its place: its name has the title, which the model may change at any moment.
  const item = chat.conversations(page).getByRole('listitem').filter({ has: page.locator(`a[href="${path}"]`) })
  const options = await item.getByRole('button', { name: /^Options for/ }).boundingBox()
  assert.ok(options.height <= (await heightOf(page)), 'its button fits')
  const { preferences } = await (await context.request.get('/api/v1/me')).json()
  assert.equal(preferences.density, 'compact')
  await page.reload()
  await row(page).waitFor()
  await eventually(async () => (await heightOf(page)) === 26, 'it is still dense')
})

behaviour('who waits for whole answers sees them when they are whole', async ({ page }) => {
  await page.goto('/settings/general')
  await page.getByRole('checkbox', { name: 'Wait for whole answers' }).check()
  await saved(page).waitFor()
  await page.getByRole('link', { name: 'Back to chat' }).click()
  await page.evaluate(() => {
    window.lengths = new Set()
    new MutationObserver(() => {
      const text = document.querySelector('article[aria-label="Assistant"]')?.innerText ?? ''
      window.lengths.add((text.match(/t\d{5}/g) ?? []).length)
    }).observe(document.body, { childList: true, subtree: true, characterData: true })
  })
  const answer = chat.answers(page).last()
  await Promise.all([answer.locator('.stream-dot').waitFor(), chat.send(page, 'Count [tokens=400 rate=40]')])
  chat.assertGapless(await chat.settledText(page), 400)
  assert.deepEqual(await page.evaluate(() => [...window.lengths].toSorted((a, b) => a - b)), [0, 400])

  // What was stopped is shown as far as it came.
  await chat.send(page, 'Count on [tokens=12000 rate=40]')
  const messages = `/api/v1/conversations/${(await chat.address(page)).split('/').pop()}/messages`
  const written = async () => (await (await page.request.get(messages)).json()).at(-1).content
  await eventually(async () => chat.tokens(await written()).length > 5, 'the server has some of it')
  assert.deepEqual(chat.tokens(await answer.innerText()), [])
  await chat.button(page, 'Stop').click()
  const text = await chat.settledText(page)
  chat.assertGapless(text)
  assert.ok(chat.tokens(text).length > 5)
})

behaviour('the key that sends is the one that was chosen', async ({ page }) => {
  await page.goto('/settings/general')
  await page.getByRole('combobox', { name: 'Send with' }).selectOption('modifier')
  await saved(page).waitFor()
  await page.getByRole('link', { name: 'Back to chat' }).click()
  await chat.message(page).fill(`one ${quick}`)
  await chat.message(page).press('Enter')
  await chat.message(page).pressSequentially('two')
  const isWritten = async () => (await chat.message(page).inputValue()) === `one ${quick}\ntwo`
  await eventually(isWritten, 'the line is broken')
  await chat.message(page).press('Control+Enter')
  await chat.answers(page).first().waitFor()
  await page.goto('/settings/shortcuts')
  await page.getByText('Ctrl+Enter', { exact: true }).waitFor()
})

behaviour(
  'another address needs the password, and other sessions can be ended',
  async ({ page, browser, programs }) => {
    const me = await (await page.context().request.get('/api/v1/me')).json()
    await page.goto('/settings/profile')
    await page.getByLabel('Email', { exact: true }).fill(`new-${me.email}`)
    await page.getByLabel('Current password', { exact: true }).fill('wrong')
    await chat.button(page, 'Save').click()
    await page.getByText('is not your password').first().waitFor()
    await page.getByLabel('Current password', { exact: true }).fill('correct horse battery')
    await chat.button(page, 'Save').click()
    await saved(page).waitFor()
    assert.equal((await (await page.context().request.get('/api/v1/me')).json()).email, `new-${me.email}`)

    const { page: device } = await openPage(browser, programs.url)
    await device.goto('/login')
    await device.getByLabel('Email or user name').fill(`new-${me.email}`)
    await device.getByLabel('Password', { exact: true }).fill('correct horse battery')
    await chat.button(device, 'Sign in').click()
    await chat.message(device).waitFor()
    await hearsNews(device)
    await page.goto('/settings/security')
    await chat.button(page, 'Sign out the other sessions').click()
    await device.getByRole('dialog', { name: 'Sign in to go on' }).waitFor()
    await chat.button(page, 'Sign out the other sessions').waitFor({ state: 'detached' })
    await device.context().close()
  },
  { expected: /status of 403/ },
)

behaviour('shared links are listed, and revoked where they stand', async ({ page }) => {
  await chat.ask(page, `what a heron eats ${quick}`)
  const id = (await chat.address(page)).split('/').pop()
  const shared = await page.context().request.post(`/api/v1/conversations/${id}/share`)
  const { url } = await shared.json()
  await page.goto('/settings/data')
  const revoke = page.getByRole('button', { name: /^Revoke link to / })
  await revoke.click()
  await page.getByText('You share no conversation.').waitFor()
  assert.equal((await page.context().request.get(url.replace('/s/', '/api/v1/shared/'))).status(), 404)
})

behaviour('all conversations are archived or deleted at once, and come back', async ({ page }) => {
  for (const text of ['apples', 'pears']) {
    await chat.ask(page, `${text} ${quick}`)
    await chat.newChat(page)
  }
  const links = chat.conversations(page).locator('a[href^="/c/"]')
  await eventually(async () => (await links.count()) === 2, 'both are listed')
  await page.goto('/settings/data')
  await chat.button(page, 'Archive all conversations').click()
  const unarchive = await chat.held(page, 'Archived 2 conversations')
  await eventually(async () => (await links.count()) === 0, 'the list is empty')
  await unarchive.click()
  await eventually(async () => (await links.count()) === 2, 'both are back')

  const all = chat.button(page, 'Delete all conversations')
  await all.click()
  const question = page.getByRole('dialog', { name: 'Delete all conversations?' })
  const word = question.getByRole('textbox', { name: 'Type "delete" to confirm' })
  await word.waitFor()
  assert.ok(await chat.isFocused(word))
  assert.ok(await chat.button(question, 'Delete all conversations').isDisabled())
  await word.press('Escape')
  await question.waitFor({ state: 'detached' })
  await eventually(() => chat.isFocused(all), 'the button has the focus again')
  assert.equal(await links.count(), 2)

  await all.click()
  await word.fill('Delete')
  await word.press('Enter')
  const restore = await chat.held(page, 'Deleted 2 conversations')
  await eventually(async () => (await links.count()) === 0, 'the list is empty')
  const forEver = page.getByRole('button', { name: /^Delete .* for ever$/ })
  await eventually(async () => (await forEver.count()) === 2, 'both lie in the trash')
  await restore.click()
  await eventually(async () => (await links.count()) === 2, 'both are back')
  await page.reload()
  await eventually(async () => (await links.count()) === 2, 'for good')
})

behaviour('a conversation is deleted for ever after a question, and the focus goes to the next', async ({ page }) => {
  for (const name of ['Apples', 'Pears', 'Plums']) {
    const { id } = await (await page.context().request.post('/api/v1/conversations', { data: { title: name } })).json()
    assert.ok((await page.context().request.delete(`/api/v1/conversations/${id}`)).ok())
  }
  await page.goto('/settings/data')
  const ending = (name) => chat.button(page, `Delete ${name} for ever`)
  const question = page.getByRole('dialog')
  const names = page.getByRole('button', { name: /^Delete .* for ever$/ })
  await eventually(async () => (await names.count()) === 3, 'all lie in the trash')
  const order = await names.evaluateAll((found) => found.map((one) => one.ariaLabel.split(' ')[1]))

  await ending(order[0]).press('Enter')
  await page.getByRole('dialog', { name: `Delete "${order[0]}" for ever?` }).waitFor()
  await eventually(() => chat.isFocused(chat.button(question, 'Cancel')), 'what does nothing has the focus')
  await page.keyboard.press('Enter')
  await question.waitFor({ state: 'detached' })
  await eventually(() => chat.isFocused(ending(order[0])), 'the button has the focus again')

  for (const [index, next] of [[0, ending(order[1])], [2, ending(order[1])], [1, page.getByRole('heading', { name: 'Deleted conversations' })]]) {
    await ending(order[index]).press('Enter')
    await chat.button(question, 'Delete for ever').press('Enter')
    await ending(order[index]).waitFor({ state: 'detached' })
    await eventually(() => chat.isFocused(next), `the focus went on from ${order[index]}`)
  }
  await page.getByText('The trash is empty.').waitFor()
})

behaviour('what is read in one tab is read in the others', async ({ page, context }) => {
  await chat.ask(page, `first ${quick}`)
  const path = await chat.address(page)
  const other = await context.newPage()
  await other.goto('/')
  await chat.message(other).waitFor()
  await chat.newChat(page)
  for (const tab of [page, other]) await hearsNews(tab)
  const id = path.split('/').pop()
  const data = { message: `second ${quick}`, conversation_id: Number(id) }
  assert.ok((await context.request.post('/api/v1/chat/simple', { data })).ok())
  const dot = (tab) => chat.conversations(tab).getByText('New answer')
  await dot(page).waitFor({ state: 'attached' })
  await dot(other).waitFor({ state: 'attached' })
  await other.bringToFront()
  await chat.open(other, path)
  await dot(other).waitFor({ state: 'detached' })
  await dot(page).waitFor({ state: 'detached' })
})

behaviour(
  'the switcher between versions stays on one line at 360 pixels',
  async ({ page }) => {
    await chat.send(page, `again and again ${quick}`)
    await chat.settledText(page)
    for (let times = 0; times < 10; times += 1) {
      await chat.button(chat.answers(page).last(), 'Regenerate').click()
      await page.getByText(`${times + 2}/${times + 2}`).waitFor()
      await chat.settledText(page)
    }
    await chat.rest(page)
    const place = async (name) => (await chat.button(chat.answers(page).last(), name).boundingBox()).y
    assert.equal(await place('Copy'), await place('Next version'), 'one row of buttons')
    const number = await page.getByText('11/11').boundingBox()
    assert.ok(number.height < 30, `${number.height} px: one line`)
  },
  { options: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } },
)

behaviour(
  'who reads Italian is told in Italian what the server refuses, and why an answer stopped',
  async ({ page, context }) => {
    const chosen = await context.request.patch('/api/v1/me/preferences', { data: { language: 'it' } })
    assert.ok(chosen.ok(), await chosen.text())
    await page.goto('/settings/security')
    const current = page.getByLabel('Password attuale')
    await current.fill('not the password')
    await page.getByLabel('Nuova password').fill('another correct horse')
    await page.getByLabel('Nuova password').press('Enter')
    await page.getByRole('alert').getByText('Password attuale: non è la tua password.').waitFor()
    const note = await current.evaluate((field) => document.getElementById(field.getAttribute('aria-describedby')).innerText)
    assert.equal(note, 'Non è la tua password.')

    await page.goto('/')
    const message = page.getByRole('textbox', { name: 'Messaggio', exact: true })
    await message.fill('halfway [tokens=12 cut=7 rate=100]')
    await message.press('Enter')
    const card = page.getByRole('article').getByRole('alert')
    await card.getByText('è caduta prima della fine della risposta').waitFor()
    await card.getByText('Dettagli').click()
    await card.getByText('provider_cut: The connection').waitFor()
  },
  { expected: /status of 403/ },
)
