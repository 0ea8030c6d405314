// What can be done with one message, by its menu.

import assert from 'node:assert/strict'
import { hearsNews } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { eventually, stage } from '../lib/stage.js'

const { behaviour } = stage({ tells: true })

const more = (message) => message.getByRole('button', { name: /^More about this/ })
const item = (page, name) => page.getByRole('menuitem', { name, exact: true })

/** Asks, and is told `text`. */
async function told(page, teller, question, text) {
  teller.next(text, { rate: 0, size: 400 })
  await chat.ask(page, question)
}

behaviour('an answer is copied without its marks, and says what it cost', async ({ page, context, teller }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const text = '# Goats\n\nThey have **four** legs:\n\n- two in front\n- two behind'
  await told(page, teller, 'Tell me', text)
  const answer = chat.answers(page).last()
  const copied = () => page.evaluate(() => navigator.clipboard.readText())
  await more(answer).click()
  await item(page, 'Copy as plain text').click()
  await chat.notice(page, 'Copied').waitFor()
  assert.equal(await copied(), 'Goats\n\nThey have four legs:\n\n• two in front\n• two behind')
  await chat.button(answer, 'Copy').click()
  await eventually(async () => (await copied()) === text, 'the button copies the marks too')

  for (const [message, words] of [
    [answer, ['teller', 'Tokens of the prompt', 'Tokens of the answer', 'The model was done', 'Complete']],
    [chat.questions(page).last(), ['Written']],
  ]) {
    await more(message).focus()
    await page.keyboard.press('Enter')
    await item(page, 'Details').press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Details' })
    for (const word of words) await dialog.getByText(word, { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await eventually(() => chat.isFocused(more(message)), 'the focus is where the dialog was opened')
  }
})

behaviour('a message is deleted with all that follows it, here and in another tab', async ({ page, context, teller }) => {
  await told(page, teller, 'first question', 'first answer')
  await told(page, teller, 'second question', 'second answer')
  const path = await chat.address(page)
  const other = await context.newPage()
  await other.goto(path)
  await chat.answers(other).nth(1).waitFor()
  await hearsNews(other)
  await page.bringToFront()

  const dialog = page.getByRole('dialog', { name: 'Delete this message?' })
  const ask = async (message) => {
    await more(message).focus()
    await page.keyboard.press('Enter')
    await item(page, 'Delete').press('Enter')
    await dialog.waitFor()
  }
  const second = chat.questions(page).nth(1)
  await ask(second)
  await dialog.getByText(/^2 messages are deleted/).waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await eventually(() => chat.isFocused(more(second)), 'nothing happened, and the focus is back')
  await ask(second)
  await chat.button(dialog, 'Delete').click()
  for (const one of [page, other]) {
    await chat.questions(one).nth(1).waitFor({ state: 'detached' })
    assert.equal(await chat.answers(one).count(), 1)
  }
  const answer = chat.answers(page).first()
  await eventually(() => chat.isFocused(more(answer)), 'the focus is on what was said before')

  // Another version takes its place.
  teller.next('another answer', { rate: 0, size: 400 })
  await chat.button(answer, 'Regenerate').click()
  await answer.getByText('2/2').waitFor()
  await chat.settledText(page)
  await ask(answer)
  await dialog.getByText(/^1 message is deleted/).waitFor()
  await chat.button(dialog, 'Delete').click()
  await answer.getByText('first answer').waitFor()
  await eventually(() => chat.isFocused(more(answer)), 'the focus is on the version that is left')
  await page.reload()
  await chat.answers(page).getByText('first answer').waitFor()
})

behaviour('other words for a question survive leaving it, a reload and Escape', async ({ page, teller }) => {
  await told(page, teller, 'apples', 'one')
  const path = await chat.address(page)
  const question = chat.questions(page).first()
  const field = page.getByRole('textbox', { name: 'Edit message' })
  const edit = async () => {
    await question.hover()
    await chat.button(question, 'Edit').click()
  }
  await edit()
  await field.fill('apples and plums')
  await chat.newChat(page)
  await chat.open(page, path)
  assert.equal(await field.inputValue(), 'apples and plums')
  await eventually(() => chat.isFocused(chat.message(page)), 'the caret is in the field of the conversation')
  await page.reload()
  await field.waitFor()
  assert.equal(await field.inputValue(), 'apples and plums')

  await field.press('Escape')
  await chat.notice(page, 'Your changes are kept').waitFor()
  await eventually(() => chat.isFocused(chat.button(question, 'Edit')), 'the focus is on the way back to them')
  await page.reload()
  await chat.answers(page).first().waitFor()
  assert.equal(await field.count(), 0, 'it stays closed')
  await edit()
  assert.equal(await field.inputValue(), 'apples and plums')
  await chat.button(question, 'Cancel').click()
  await edit()
  assert.equal(await field.inputValue(), 'apples')
})

behaviour('the same words are announced each time they are said', async ({ page, context, teller }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await told(page, teller, 'apples', 'one')
  await page.evaluate(() => {
    window.said = []
    const status = document.querySelector('p[role="status"]')
    const watcher = new MutationObserver(() => window.said.push(status.textContent))
    watcher.observe(status, { childList: true, subtree: true, characterData: true })
  })
  for (const times of [1, 2]) {
    await chat.button(chat.answers(page).last(), 'Copy').click()
    await page.waitForFunction((times) => window.said.filter((text) => text === 'Copied').length === times, times)
  }
})

behaviour('what was opened in a message is still open when one comes back from far away', async ({ page, context, teller }) => {
  let conversation
  for (const text of ['An answer after some thought.', ...Array(3).fill(Array(80).fill('A paragraph.').join('\n\n'))]) {
    teller.next(text, { rate: 0, size: 4000, reasoning: 'first this\nthen that' })
    const data = { message: 'Tell', ...(conversation ? { conversation_id: conversation } : {}) }
    conversation ??= (await (await context.request.post('/api/v1/chat/simple', { data })).json()).conversation_id
  }
  await page.goto(`/c/${conversation}`)
  await chat.ready(page)
  const scrollTo = (end) => chat.scroller(page).evaluate((box, end) => box.scrollTo(0, end ? box.scrollHeight : 0), end)
  const thought = page.getByText('first this then that')
  const first = page.getByText('An answer after some thought.')
  await chat.answers(page).last().waitFor()
  await scrollTo(false)
  await page.getByRole('button', { name: /^Thought/ }).first().click()
  await thought.waitFor()
  await scrollTo(true)
  // What is as far away and holds nothing that was opened is not drawn any more.
  await eventually(async () => (await chat.answers(page).count()) < 4, 'something is not drawn')
  assert.equal(await first.count(), 1)
  await scrollTo(false)
  await thought.waitFor()
})
