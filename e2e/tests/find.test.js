// Finding words in a long conversation, most of which is not drawn, and going through its messages by keys.

import assert from 'node:assert/strict'
import { assertClean } from '../lib/axe.js'
import * as chat from '../lib/chat.js'
import { eventually, stage } from '../lib/stage.js'

const { behaviour } = stage({ tells: true })

/** More than a screen. */
const filler = Array(40).fill('A paragraph.').join('\n\n')

/** A conversation of so many questions, with a rare word amid the long answers that `where` names; gives its path. */
async function long(context, teller, count, where) {
  let conversation
  for (let turn = 0; turn < count; turn += 1) {
    const rare = `${filler}\n\nAnswer ${turn} speaks of Zanzibar.\n\n${filler}`
    teller.next(where.includes(turn) ? rare : `Answer ${turn}.`, { rate: 0, size: 4000 })
    const data = { message: `question ${turn}`, ...(conversation ? { conversation_id: conversation } : {}) }
    const answer = await context.request.post('/api/v1/chat/simple', { data })
    assert.ok(answer.ok(), await answer.text())
    conversation ??= (await answer.json()).conversation_id
  }
  return `/c/${conversation}`
}

/** Waits until the one place that is marked is in sight, in an answer that says `text`. */
const inSight = (page, text) =>
  eventually(
    () =>
      page.evaluate((words) => {
        const [range, ...others] = CSS.highlights.get('found') ?? []
        if (!range || others.length > 0 || !range.startContainer.parentElement?.textContent.includes(words)) return false
        const box = document.querySelector('.scroll-area:has([role="log"])').getBoundingClientRect()
        const place = range.getBoundingClientRect()
        return place.top > box.top && place.bottom < box.bottom
      }, text),
    `“${text}” is marked and in sight`,
  )

behaviour('words are found in messages that were not read yet, one place after the other', async ({ page, context, teller }) => {
  const path = await long(context, teller, 40, [2, 37])
  await page.goto(path)
  await chat.ready(page)
  await chat.answers(page).last().waitFor()
  await page.keyboard.press('Control+f')
  const bar = page.getByRole('search', { name: 'Find in this conversation' })
  const field = bar.getByRole('searchbox')
  await field.fill('zanz')
  await bar.getByText('1 of 2', { exact: true }).waitFor()
  await inSight(page, 'Answer 37 speaks of Zanzibar')
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme })
    await assertClean(page, `words that were found, ${colorScheme}`)
  }
  await field.press('Enter')
  await bar.getByText('2 of 2', { exact: true }).waitFor()
  await inSight(page, 'Answer 2 speaks of Zanzibar')
  await field.press('Shift+Enter')
  await inSight(page, 'Answer 37 speaks of Zanzibar')
  await field.fill('nowhere')
  await bar.getByText('Not found', { exact: true }).waitFor()
  assert.equal(await page.evaluate(() => CSS.highlights.has('found')), false)
  // The same keys once more are the browser's.
  const isLeft = page.evaluate(
    () => new Promise((resolve) => addEventListener('keydown', (event) => event.key === 'f' && resolve(!event.defaultPrevented))),
  )
  await field.press('Control+f')
  assert.equal(await isLeft, true)
  // From elsewhere they come back to the field.
  await chat.button(chat.answers(page).last(), 'Copy').focus()
  await page.keyboard.press('Control+f')
  await eventually(() => chat.isFocused(field), 'the field has the focus')
  await field.press('Escape')
  await bar.waitFor({ state: 'detached' })
  await eventually(() => chat.isFocused(chat.message(page)), 'one can write again')
  assert.equal(new URL(page.url()).hash, '')
})

behaviour('J and K go through the messages, and mean themselves where one writes', async ({ page, context, teller }) => {
  const path = await long(context, teller, 6, [])
  await page.goto(path)
  await chat.ready(page)
  const last = chat.answers(page).last()
  await chat.button(last, 'Copy').focus()
  await page.keyboard.press('k')
  const question = chat.questions(page).last()
  await eventually(() => chat.isFocused(question), 'the message before has the focus')
  for (let step = 0; step < 10; step += 1) {
    const before = await page.evaluate(() => document.activeElement?.id)
    await page.keyboard.press('k')
    await eventually(() => page.evaluate((id) => document.activeElement?.id !== id, before), 'the one before that')
  }
  await eventually(() => chat.isFocused(chat.questions(page).first()), 'the first message')
  await page.keyboard.press('j')
  await eventually(() => chat.isFocused(chat.answers(page).first()), 'the second')
  await chat.message(page).focus()
  await page.keyboard.type('jk')
  assert.equal(await chat.message(page).inputValue(), 'jk')
})
