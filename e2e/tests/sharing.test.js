// What a person does with answers and conversations: share, judge, instruct, export, go on elsewhere.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { openPage } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { eventually, stage } from '../lib/stage.js'

const { behaviour } = stage()
const quick = '[tokens=3 rate=100]'

async function choose(page, name) {
  await chat.button(page, 'More').click()
  await page.getByRole('menuitem', { name, exact: true }).click()
}

const dialog = (page) => page.getByRole('dialog', { name: 'Share this conversation' })

/** Makes a link to the conversation that is open, and gives its address. */
async function shareByLink(page) {
  await choose(page, 'Share…')
  await chat.button(dialog(page), 'Create link').click()
  const field = dialog(page).getByRole('textbox', { name: 'Link' })
  await field.waitFor()
  await eventually(() => chat.isFocused(field), 'the link has the focus')
  return field.inputValue()
}

const saved = (page) => page.getByRole('main').getByText('Saved', { exact: true })

const sideways = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

behaviour(
  'a link shows the conversation as it was to anybody, until it is revoked',
  async ({ page, browser, programs }) => {
    await chat.ask(page, `what a heron eats ${quick}`)
    const link = await shareByLink(page)
    assert.match(link, /\/s\/[\w-]+$/)
    await page.keyboard.press('Escape')
    await dialog(page).waitFor({ state: 'detached' })
    await chat.ask(page, `a secret ${quick}`)

    const { page: strange, complaints } = await openPage(browser, programs.url, {
      viewport: { width: 360, height: 740 },
    })
    const refused = []
    strange.on('response', (response) => response.status() === 401 && refused.push(response.url()))
    const opened = await strange.goto(link)
    assert.equal(opened.headers()['x-robots-tag'], 'noindex, nofollow')
    await strange.getByRole('heading', { level: 1 }).waitFor()
    await strange.getByRole('article', { name: 'Question' }).getByText('what a heron eats').waitFor()
    await chat.answers(strange).getByText('t00003').waitFor()
    assert.equal(await strange.getByText('a secret').count(), 0, 'what was said later does not show')
    assert.equal(await strange.getByRole('textbox').count(), 0)
    assert.equal(await strange.getByRole('navigation').count(), 0)
    assert.equal(await sideways(strange), 0)
    assert.deepEqual(refused, [], 'nobody is asked who they are')

    await choose(page, 'Share…')
    await chat.button(dialog(page), 'Update link').click()
    await dialog(page).getByText('The link now shows everything up to here.').waitFor()
    await strange.reload()
    await strange.getByText('a secret').waitFor()

    await chat.button(dialog(page), 'Revoke link').click()
    await chat.button(dialog(page), 'Create link').waitFor()
    assert.deepEqual(complaints, [])
    await strange.reload()
    await strange.getByRole('heading', { name: 'This link shows nothing any more' }).waitFor()
    assert.equal(await strange.getByText('heron').count(), 0)
    assert.equal(await sideways(strange), 0)
    await strange.context().close()
  },
)

behaviour('a conversation is shared from its menu in the sidebar, which has the focus again', async ({ page, context }) => {
  await chat.ask(page, `what an owl hears ${quick}`)
  const path = await chat.address(page)
  await chat.newChat(page)
  const options = chat.conversations(page).getByRole('button', { name: /^Options for/ }).first()
  await options.focus()
  await options.press('Enter')
  await page.getByRole('menuitem', { name: 'Share…', exact: true }).press('Enter')
  await chat.button(dialog(page), 'Create link').click()
  const field = dialog(page).getByRole('textbox', { name: 'Link' })
  await eventually(() => chat.isFocused(field), 'the link has the focus')
  const { url } = await (await context.request.get(`/api/v1/conversations/${path.split('/').at(-1)}/share`)).json()
  assert.equal(await field.inputValue(), url)
  await page.keyboard.press('Escape')
  await dialog(page).waitFor({ state: 'detached' })
  await eventually(() => chat.isFocused(options), 'the button has the focus again')
})

behaviour('a thumb stays where it was put, with what was said to it', async ({ page }) => {
  await chat.ask(page, `judge this ${quick}`)
  const answer = chat.answers(page).last()
  const good = answer.getByRole('button', { name: 'Good answer' })
  const bad = answer.getByRole('button', { name: 'Bad answer' })
  const isPressed = (thumb) => async () => (await thumb.getAttribute('aria-pressed')) === 'true'
  const kept = () => page.waitForResponse((response) => response.url().endsWith('/feedback') && response.ok())

  const up = kept()
  await good.click()
  await eventually(isPressed(good), 'the thumb is shown at once')
  await up
  await page.reload()
  await good.waitFor()
  await eventually(isPressed(good), 'the thumb is kept')

  const down = kept()
  await bad.click()
  await eventually(isPressed(bad), 'the other thumb takes its place')
  await down
  await eventually(async () => !(await isPressed(good)()), 'the one before is taken back')
  const why = answer.getByRole('textbox', { name: 'What was wrong with it? (optional)' })
  await why.fill('Too many numbers')
  const comment = kept()
  await chat.button(answer, 'Send').click()
  assert.equal((await (await comment).json()).feedback.comment, 'Too many numbers')
  await why.waitFor({ state: 'detached' })
  await page.reload()
  await bad.waitFor()
  await eventually(isPressed(bad), 'the other thumb is kept')

  const back = kept()
  await bad.press('Enter')
  await back
  await page.reload()
  await bad.waitFor()
  assert.equal(await isPressed(bad)(), false)
})

behaviour('instructions reach the model, and the default model begins new conversations', async ({ page, programs }) => {
  await page.goto('/settings/model')
  await page.getByRole('textbox', { name: 'What should the model know or do?' }).fill('Answer like a pirate.')
  await chat.button(page, 'Save').click()
  await saved(page).waitFor()
  await page.reload()
  const field = page.getByRole('textbox', { name: 'What should the model know or do?' })
  await eventually(async () => (await field.inputValue()) === 'Answer like a pirate.', 'the instructions are kept')

  const choice = page.getByRole('combobox', { name: 'Default model' })
  await choice.locator('option').nth(1).waitFor({ state: 'attached' })
  const models = await choice.locator('option:not([disabled])').evaluateAll((all) =>
    all.map((one) => ({ id: one.value, name: one.textContent })),
  )
  const wanted = models.at(-1)
  await choice.selectOption(wanted.id)
  await saved(page).waitFor()

  await page.getByRole('link', { name: 'Back to chat' }).click()
  await chat.button(page, `Model: ${wanted.name}`).waitFor()
  await chat.ask(page, `where is the treasure ${quick}`)
  const asked = await eventually(
    async () => (await programs.seen('requests')).find((one) => JSON.stringify(one.body).includes('the treasure')),
    'the provider was asked',
  )
  assert.ok(JSON.stringify(asked.body).includes('Answer like a pirate.'))
})

behaviour('everything can be taken along', async ({ page }) => {
  const download = async (start) => {
    const [file] = await Promise.all([page.waitForEvent('download'), start()])
    return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') }
  }
  await chat.ask(page, `remember the lighthouse ${quick}`)

  const markdown = await download(() => choose(page, 'Export as Markdown'))
  assert.match(markdown.name, /\.md$/)
  assert.ok(markdown.text.includes('remember the lighthouse') && markdown.text.includes('t00003'))
  const json = await download(() => choose(page, 'Export as JSON'))
  assert.match(json.name, /\.json$/)
  assert.ok(JSON.stringify(JSON.parse(json.text)).includes('remember the lighthouse'))

  await page.goto('/settings/data')
  const all = await download(() => chat.button(page, 'Download everything').click())
  assert.equal(all.name, 'colloquy-export.json')
  assert.ok(JSON.stringify(JSON.parse(all.text)).includes('remember the lighthouse'))
})

behaviour('an answer is where another conversation begins', async ({ page }) => {
  await chat.ask(page, `apples ${quick}`)
  await chat.ask(page, `pears ${quick}`)
  const from = await chat.address(page)
  await chat.button(chat.answers(page).first(), 'More about this answer').click()
  await page.getByRole('menuitem', { name: 'Continue in a new conversation from here' }).press('Enter')
  await page.waitForURL((url) => /\/c\/\d+/.test(url.pathname) && url.pathname !== from)
  const made = await chat.address(page)
  await chat.opened(page, made)
  await chat.questions(page).getByText('pears').waitFor({ state: 'detached' })
  await eventually(async () => (await chat.questions(page).count()) === 1, 'what came later stays behind')
  await chat.ask(page, `plums ${quick}`)
  await eventually(async () => (await chat.questions(page).count()) === 2, 'it goes on')

  await chat.open(page, from)
  await chat.questions(page).getByText('pears').waitFor()
  assert.equal(await chat.questions(page).getByText('plums').count(), 0)
})

behaviour(
  'who was given a link goes on with the conversation, signing in or up first',
  async ({ page, browser, programs }) => {
    await chat.ask(page, `what a heron eats ${quick}`)
    const link = await shareByLink(page)
    await page.keyboard.press('Escape')
    // Whose it is goes on in a copy too, and what was shared stays as it was.
    const own = await chat.address(page)
    await page.goto(link)
    await chat.button(page, 'Continue this conversation').click()
    await page.waitForURL((url) => /^\/c\/\d+$/.test(url.pathname) && url.pathname !== own)
    await chat.ready(page)
    await chat.questions(page).getByText('what a heron eats').waitFor()

    const { page: strange, complaints } = await openPage(browser, programs.url)
    await strange.goto(link)
    await chat.button(strange, 'Continue this conversation').click()
    await chat.registerInstead(strange, { name: 'stranger', email: 'stranger@example.org', password: 'correct horse battery' })
    await strange.waitForURL(link)
    await chat.button(strange, 'Continue this conversation').click()
    await strange.waitForURL(/\/c\/\d+$/)
    await chat.ready(strange)
    assert.match(await chat.ask(strange, `and for supper ${quick}`), /t00003/)
    assert.equal(await chat.questions(strange).count(), 2)
    await strange.reload()
    await chat.questions(strange).getByText('what a heron eats').waitFor()
    assert.deepEqual(complaints, [])
    await strange.context().close()
  },
)
