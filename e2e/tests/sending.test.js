// The first ten minutes, 8 to 18: sending, and watching the answer arrive.

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import * as chat from '../lib/chat.js'
import { assertWithin, eventually, stage, within } from '../lib/stage.js'

const { behaviour } = stage()
const quick = '[tokens=3 rate=100]'
const broken = /net::ERR_INTERNET_DISCONNECTED|net::ERR_NETWORK_CHANGED/

behaviour('8. the own message appears at once, then a sign of waiting', async ({ page }) => {
  await chat.message(page).fill('slow [tokens=3 hold=3000]')
  await page.evaluate(() => {
    const seen = {}
    window.seen = seen
    const look = () => {
      const log = document.querySelector('[role="log"]')
      if (log?.querySelector('article[aria-label="You"]')) seen.question ??= performance.now()
      if (log?.querySelector('.stream-dot')) seen.waiting ??= performance.now()
    }
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true })
    addEventListener('keydown', () => (seen.pressed ??= performance.now()), { capture: true })
  })
  await chat.message(page).press('Enter')
  await chat.answers(page).first().waitFor()
  await page.waitForFunction(() => window.seen.question && window.seen.waiting)
  const { pressed, question, waiting } = await page.evaluate(() => window.seen)
  assertWithin(question - pressed, 100, 'the own message')
  assertWithin(waiting - pressed, 300, 'the sign of waiting')
  chat.assertGapless(await chat.settledText(page), 3)
})

behaviour('9. text arrives progressively and never shrinks', async ({ page, programs }) => {
  await page.evaluate(() => {
    window.lengths = []
    const look = () => {
      const answer = document.querySelector('article[aria-label="Assistant"]')
      const length = answer?.innerText.match(/(t\d{5} ?)+/)?.[0].length ?? 0
      if (length > 0) window.firstAt ??= Date.now()
      window.lengths.push(length)
    }
    new MutationObserver(() => {
      if (!window.firstAt) look()
    }).observe(document.body, { childList: true, subtree: true, characterData: true })
    setInterval(look, 50)
  })
  const delay = 400
  await chat.message(page).fill(`count [tokens=120 rate=40 delay=${delay}]`)
  await chat.message(page).press('Enter')
  chat.assertGapless(await chat.settledText(page), 120)
  const { lengths, firstAt } = await page.evaluate(() => ({ lengths: window.lengths, firstAt: window.firstAt }))
  const shrank = lengths.findIndex((length, at) => at > 0 && length < lengths[at - 1])
  assert.equal(shrank, -1, `it shrank from ${lengths[shrank - 1]} to ${lengths[shrank]}`)
  assert.ok(new Set(lengths).size > 20, `it came in ${new Set(lengths).size} steps`)
  const requests = await programs.seen('requests')
  const asked = requests.findLast(
    (request) => !request.title && JSON.stringify(request.body).includes(`delay=${delay}`),
  )
  assertWithin(firstAt - asked.wall_ms - delay, 150, 'the first token on its way to the screen')
})

behaviour('10. Stop keeps the partial text and really stops the provider', async ({ page, programs }) => {
  const before = (await programs.seen('disconnects')).length
  await chat.send(page, 'Count on [tokens=2000 rate=40]')
  await chat.waitForText(page, 't00020')
  const pressed = Date.now()
  await chat.button(page, 'Stop').click()
  const left = await eventually(async () => (await programs.seen('disconnects'))[before], 'the provider sees us leave')
  assertWithin(left.wall_ms - pressed, 500, 'leaving the provider')
  const kept = chat.tokens(await chat.settledText(page))
  assert.ok(kept.length >= 20 && kept.length < 2000)
  await chat.answers(page).last().getByText('Stopped', { exact: true }).waitFor()
  assert.ok(await chat.isFocused(chat.message(page)), 'the caret is in the field after a stop')
  await page.reload()
  await chat.waitForText(page, 't00020')
  assert.deepEqual(chat.tokens(await chat.settledText(page)), kept)
  assert.ok(await chat.button(chat.answers(page).last(), 'Regenerate').isEnabled())
})

behaviour('11. Escape stops what runs, and closes only the dialog when one is open', async ({ page }) => {
  await chat.send(page, 'Count on [tokens=3000 rate=40]')
  await chat.waitForText(page, 't00003')
  await page.keyboard.press('Control+k')
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await sleep(300)
  assert.equal(await chat.answers(page).last().getAttribute('aria-busy'), 'true', 'it goes on')
  await page.keyboard.press('Escape')
  await chat.settledText(page)
  await chat.answers(page).last().getByText('Stopped', { exact: true }).waitFor()

  // The other way round: stopped first, then a dialog that closes without doing anything else.
  await chat.send(page, 'Count again [tokens=3000 rate=40]')
  await chat.waitForText(page, 't00003')
  await page.keyboard.press('Escape')
  const kept = await chat.settledText(page)
  await page.keyboard.press('Control+k')
  await dialog.waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  assert.equal(await chat.settledText(page), kept)
  await eventually(() => chat.isFocused(chat.message(page)), 'the focus is back in the field')
})

behaviour('12. Stop before the first token works', async ({ page }) => {
  const hold = 5000
  await chat.message(page).fill(`slow [tokens=50 hold=${hold} rate=100]`)
  await chat.message(page).press('Enter')
  const sent = Date.now()
  await sleep(100)
  await chat.button(page, 'Stop').click()
  await chat.answers(page).last().getByText('Stopped', { exact: true }).waitFor()
  await chat.message(page).fill(`next ${quick}`)
  await chat.message(page).press('Enter')
  await eventually(async () => (await chat.answers(page).count()) === 2, 'the second answer')
  chat.assertGapless(await chat.settledText(page), 3)
  await sleep(Math.max(0, sent + hold + 500 - Date.now()))
  await page.reload()
  await chat.waitForText(page, 't00003')
  assert.deepEqual(chat.tokens(await chat.answers(page).first().innerText()), [])
  await chat.answers(page).first().getByText('Stopped', { exact: true }).waitFor()
})

behaviour('13. a reload in the middle shows everything from the first token and continues', async ({ page }) => {
  await chat.send(page, 'Count to two hundred [tokens=200 rate=40]')
  await chat.waitForText(page, 't00050')
  await page.reload({ waitUntil: 'commit' })
  const reloaded = performance.now()
  await chat.waitForText(page, 't00050')
  assertWithin(performance.now() - reloaded, 500, 'what was there before')
  const shown = await chat.answers(page).last().innerText()
  chat.assertGapless(shown)
  assert.ok(chat.tokens(shown).length >= 50 && chat.tokens(shown).length < 200)
  chat.assertGapless(await chat.settledText(page), 200)
})

behaviour('14. leave and come back: a running mark, then an unread mark and a notice', async ({ page }) => {
  await chat.ask(page, `elsewhere ${quick}`)
  const elsewhere = await chat.address(page)
  await chat.newChat(page)
  await chat.send(page, 'Count a while [tokens=240 rate=40 title=Counting]')
  const address = await chat.address(page)
  const item = chat
    .conversations(page)
    .getByRole('listitem')
    .filter({ has: page.locator(`a[href="${address}"]`) })
  await chat.open(page, elsewhere)
  await item.getByText('Answering').waitFor()
  await page.getByText(/New answer in/).waitFor()
  await item.getByText('New answer').waitFor()
  assert.equal(await item.getByText('Answering').count(), 0)
  await item.getByRole('link').click()
  await chat.waitForText(page, 't00240')
  chat.assertGapless(await chat.settledText(page), 240)
  assert.equal(await item.getByText('New answer').count(), 0, 'what was looked at is read')
})

behaviour(
  '16. a loss of the network is said and mended, and what was typed meanwhile is kept',
  async ({ page, context }) => {
    await chat.send(page, 'Count to three hundred [tokens=300 rate=40]')
    await chat.waitForText(page, 't00010')
    await context.setOffline(true)
    await page
      .getByRole('alert')
      .getByText(/No connection/)
      .waitFor({ timeout: within(3000) })
    await sleep(5000)
    await context.setOffline(false)
    await page.getByRole('alert').waitFor({ state: 'detached' })
    chat.assertGapless(await chat.settledText(page), 300)

    await context.setOffline(true)
    await chat.message(page).fill(`typed without a network ${quick}`)
    await chat.message(page).press('Enter')
    await chat.questions(page).getByText('typed without a network').waitFor()
    await sleep(1500)
    await context.setOffline(false)
    await eventually(async () => (await chat.answers(page).count()) === 2, 'it was sent when the network came back')
    chat.assertGapless(await chat.settledText(page), 3)
    assert.equal(await chat.questions(page).count(), 2)

    // And if the page is closed before that, the text is in the field again.
    await context.setOffline(true)
    await chat.message(page).fill('never left [tokens=3]')
    await chat.message(page).press('Enter')
    await chat.questions(page).getByText('never left').waitFor()
    const address = page.url()
    const other = await context.newPage()
    await page.close()
    await context.setOffline(false)
    await other.goto(address)
    await chat.message(other).waitFor()
    assert.equal(await chat.message(other).inputValue(), 'never left [tokens=3]')
  },
  { expected: broken },
)

behaviour('17. an error is a message with a reason and a way on', async ({ page }) => {
  const faults = ['status=429', 'status=500', 'cut=7']
  for (const [index, fault] of faults.entries()) {
    const text = `fault ${index} [tokens=12 ${fault} rate=100]`
    await chat.message(page).fill(text)
    await chat.message(page).press('Enter')
    const answer = chat.answers(page).nth(index)
    const card = answer.getByRole('alert')
    await card.waitFor({ timeout: 30_000 })
    const reason = await card.innerText()
    assert.match(reason, /The answer stopped/)
    assert.ok(
      reason.split('\n').some((line) => line.length > 15 && line !== 'The answer stopped'),
      reason,
    )
    assert.equal(await answer.getAttribute('aria-busy'), 'false', 'no endless waiting')
    assert.ok(await chat.button(card, 'Try again').isEnabled())
    assert.equal(await chat.questions(page).nth(index).innerText(), text, 'the question is kept')
    if (fault.startsWith('cut')) assert.deepEqual(chat.tokens(await answer.innerText()).length, 7, 'and what arrived')
  }
  await chat.message(page).fill('only once [tokens=4 cut=2 times=1]')
  await chat.message(page).press('Enter')
  await chat.answers(page).nth(3).getByRole('alert').waitFor({ timeout: 30_000 })
  await chat.button(chat.answers(page).nth(3).getByRole('alert'), 'Try again').click()
  await chat.waitForText(page, 't00004')
  assert.equal(await chat.questions(page).count(), 4, 'the question is not asked twice')
})

behaviour(
  '18. a follow-up is queued, can be edited or removed, and is sent once after the answer',
  async ({ page }) => {
    await chat.send(page, 'first [tokens=200 rate=20]')
    await chat.waitForText(page, 't00002')
    const field = chat.message(page)
    const chip = page.getByText('Goes out after this answer')
    await field.fill('not this')
    await field.press('Enter')
    await chip.waitFor()
    assert.equal(await field.inputValue(), '')
    await chat.button(page, 'Remove the follow-up').click()
    await chip.waitFor({ state: 'detached' })

    await field.fill('wrong words')
    await field.press('Enter')
    await chip.waitFor()
    await chat.button(page, 'Edit the follow-up').click()
    await chip.waitFor({ state: 'detached' })
    assert.equal(await field.inputValue(), 'wrong words')
    assert.ok(await chat.isFocused(field))
    await field.fill(`second ${quick}`)
    await field.press('Enter')
    await chip.waitFor()
    assert.equal(await chat.questions(page).count(), 1, 'it waits')

    await eventually(async () => (await chat.answers(page).count()) === 2, 'it goes out', 30_000)
    await chip.waitFor({ state: 'detached' })
    await chat.waitForText(page, 't00003')
    chat.assertGapless(await chat.answers(page).first().innerText(), 200)
    await page.reload()
    await chat.waitForText(page, 't00003')
    assert.deepEqual(await chat.questions(page).allInnerTexts(), ['first [tokens=200 rate=20]', `second ${quick}`])
  },
)
