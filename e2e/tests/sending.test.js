// The first ten minutes, 8 to 18: sending, and watching the answer arrive.

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import * as chat from '../lib/chat.js'
import { assertAllQuick, assertQuick, assertWithin, eventually, stage } from '../lib/stage.js'

const { behaviour } = stage()
const quick = '[tokens=3 rate=100]'
const broken = /net::ERR_INTERNET_DISCONNECTED|net::ERR_NETWORK_CHANGED/

behaviour('8. the own message appears at once, then a sign of waiting', async ({ page }) => {
  await page.evaluate(() => {
    const look = () => {
      const log = document.querySelector('[role="log"]')
      if (log?.querySelector('article[aria-label="You"]')) window.seen.question ??= performance.now()
      if (log?.querySelector('.stream-dot')) window.seen.waiting ??= performance.now()
    }
    window.seen = {}
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true })
    addEventListener('keydown', () => (window.seen.pressed ??= performance.now()), { capture: true })
  })
  await assertAllQuick(async (time) => {
    if (time > 0) await chat.newChat(page)
    await chat.message(page).fill('slow [tokens=3 hold=3000]')
    await page.evaluate(() => (window.seen = {}))
    await chat.message(page).press('Enter')
    await chat.answers(page).first().waitFor()
    await page.waitForFunction(() => window.seen.question && window.seen.waiting)
    const { pressed, question, waiting } = await page.evaluate(() => window.seen)
    chat.assertGapless(await chat.settledText(page), 3)
    return [
      ['the own message', question - pressed, 100],
      ['the sign of waiting', waiting - pressed, 300],
    ]
  })
})

behaviour('9. text arrives progressively and never shrinks', async ({ page, programs }) => {
  await page.evaluate(() => {
    const look = () => {
      const answer = document.querySelector('article[aria-label="Assistant"]')
      const length = answer?.innerText.match(/(t\d{5} ?)+/)?.[0].length ?? 0
      if (length > 0) window.firstAt ??= Date.now()
      window.lengths.push(length)
    }
    window.lengths = []
    new MutationObserver(() => {
      if (!window.firstAt) look()
    }).observe(document.body, { childList: true, subtree: true, characterData: true })
    setInterval(look, 50)
  })
  const delay = 400
  const count = async (time) => {
    if (time > 0) await chat.newChat(page)
    await page.evaluate(() => {
      window.lengths = []
      window.firstAt = undefined
    })
    await chat.message(page).fill(`count [tokens=120 rate=40 delay=${delay}]`)
    await chat.message(page).press('Enter')
    chat.assertGapless(await chat.settledText(page), 120)
    const { lengths, firstAt } = await page.evaluate(() => ({ lengths: window.lengths, firstAt: window.firstAt }))
    const shrank = lengths.findIndex((length, at) => at > 0 && length < lengths[at - 1])
    assert.equal(shrank, -1, `it shrank from ${lengths[shrank - 1]} to ${lengths[shrank]}`)
    const requests = await programs.seen('requests')
    const asked = requests.findLast(
      (request) => !request.title && JSON.stringify(request.body).includes(`delay=${delay}`),
    )
    return firstAt - asked.wall_ms - delay
  }
  await assertQuick(count, 150, 'the first token on its way to the screen')

  // In many steps: as many as that are seen while it goes on, however seldom a slow machine draws.
  await chat.newChat(page)
  await page.evaluate(() => (window.lengths = []))
  await chat.send(page, 'count on [tokens=12000 rate=40]')
  await page.waitForFunction(() => new Set(window.lengths).size > 20)
  assert.equal(await chat.answers(page).last().getAttribute('aria-busy'), 'true', 'it goes on')
  await chat.button(page, 'Stop').click()
  chat.assertGapless(await chat.settledText(page))
})

behaviour('10. Stop keeps the partial text and really stops the provider', async ({ page, programs }) => {
  await page.evaluate(() => addEventListener('click', () => (window.pressedAt = Date.now()), { capture: true }))
  const leave = async () => {
    const before = (await programs.seen('disconnects')).length
    await chat.send(page, 'Count on [tokens=12000 rate=40]')
    await chat.waitForText(page, 't00020')
    await chat.button(page, 'Stop').click()
    const left = await eventually(
      async () => (await programs.seen('disconnects'))[before],
      'the provider sees us leave',
    )
    await chat.settledText(page)
    return left.wall_ms - (await page.evaluate(() => window.pressedAt))
  }
  await assertQuick(leave, 500, 'leaving the provider')
  const kept = chat.tokens(await chat.settledText(page))
  assert.ok(kept.length >= 20 && kept.length < 12000)
  await chat.answers(page).last().getByText('Stopped', { exact: true }).waitFor()
  await eventually(() => chat.isFocused(chat.message(page)), 'the caret is in the field after a stop')
  await page.reload()
  await chat.waitForText(page, 't00020')
  assert.deepEqual(chat.tokens(await chat.settledText(page)), kept)
  await chat.button(chat.answers(page).last(), 'Regenerate').and(page.locator(':enabled')).waitFor()
})

behaviour('11. Escape stops what runs, and closes only the dialog when one is open', async ({ page }) => {
  await chat.send(page, 'Count on [tokens=12000 rate=40]')
  await chat.waitForText(page, 't00003')
  await page.keyboard.press('Control+k')
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  await chat.rest(page)
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await sleep(300)
  await chat.rest(page)
  assert.equal(await chat.answers(page).last().getAttribute('aria-busy'), 'true', 'it goes on')
  await page.keyboard.press('Escape')
  await chat.settledText(page)
  await chat.answers(page).last().getByText('Stopped', { exact: true }).waitFor()

  // The other way round: stopped first, then a dialog that closes without doing anything else.
  await chat.send(page, 'Count again [tokens=12000 rate=40]')
  await chat.waitForText(page, 't00003')
  await page.keyboard.press('Escape')
  const kept = await chat.settledText(page)
  await page.keyboard.press('Control+k')
  await dialog.waitFor()
  await chat.rest(page)
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  assert.equal(await chat.settledText(page), kept)
  await eventually(() => chat.isFocused(chat.message(page)), 'the focus is back in the field')

  // What was recalled and sent has nothing left for Escape to take back.
  await chat.message(page).press('ArrowUp')
  await chat.message(page).press('Enter')
  await chat.answers(page).nth(2).waitFor()
  await chat.waitForText(page, 't00003')
  // The Escape that an input method takes for itself stops nothing.
  await chat.message(page).evaluate((node) => {
    node.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }))
    const key = { key: 'Escape', code: 'Escape', keyCode: 229, isComposing: true, bubbles: true, cancelable: true }
    node.dispatchEvent(new KeyboardEvent('keydown', key))
    node.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true, data: '' }))
  })
  await sleep(300)
  await chat.rest(page)
  assert.equal(await chat.answers(page).last().getAttribute('aria-busy'), 'true', 'it goes on')
  await page.keyboard.press('Escape')
  await chat.settledText(page)
  await chat.answers(page).last().getByText('Stopped', { exact: true }).waitFor()
})

behaviour(
  '10. on a phone an answer can be stopped also when something is typed',
  async ({ page }) => {
    await chat.send(page, 'Count on [tokens=12000 rate=40]')
    await chat.waitForText(page, 't00003')
    const field = chat.message(page)
    await field.fill('a thought for later')
    await page.getByText(/^Answering · \d+ s$/).waitFor()
    const stop = await chat.button(page, 'Stop').boundingBox()
    const send = await chat.button(page, 'Send').boundingBox()
    assert.ok(stop.x >= 0 && stop.x + stop.width <= send.x && send.x + send.width <= 360, 'side by side, and in sight')
    const sideways = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
    assert.equal(await page.evaluate(sideways), 0, 'the page does not scroll sideways')
    await chat.button(page, 'Stop').tap()
    await chat.settledText(page)
    await chat.answers(page).last().getByText('Stopped', { exact: true }).waitFor()
    assert.equal(await field.inputValue(), 'a thought for later', 'what was typed is still there')
    assert.equal(await chat.questions(page).count(), 1)
  },
  { options: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } },
)

behaviour('12. Stop before the first token works', async ({ page }) => {
  // Long enough for a slow machine to press the button before.
  const hold = 20_000
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
  await chat.send(page, 'Count to a thousand [tokens=1000 rate=40]')
  await chat.waitForText(page, 't00050')
  const lengths = []
  const reload = async () => {
    await page.reload({ waitUntil: 'commit' })
    const reloaded = performance.now()
    await chat.waitForText(page, 't00050')
    const took = performance.now() - reloaded
    const shown = await chat.answers(page).last().innerText()
    chat.assertGapless(shown)
    lengths.push(chat.tokens(shown).length)
    return took
  }
  await assertQuick(reload, 500, 'what was there before')
  assert.ok(lengths[0] >= 50 && lengths[0] < 1000, `${lengths[0]} tokens, in the middle`)
  chat.assertGapless(await chat.settledText(page), 1000)
})

behaviour('14. leave and come back: a running mark, then an unread mark and a notice', async ({ page }) => {
  await chat.ask(page, `elsewhere ${quick}`)
  const elsewhere = await chat.address(page)
  await chat.newChat(page)
  await chat.send(page, 'Count a while [tokens=1000 rate=40 title=Counting]')
  const address = await chat.address(page)
  const item = chat
    .conversations(page)
    .getByRole('listitem')
    .filter({ has: page.locator(`a[href="${address}"]`) })
  await chat.open(page, elsewhere)
  // The notice goes after five seconds: it is looked for all the while.
  await Promise.all([
    page.getByText(/New answer in/).waitFor({ timeout: 180_000 }),
    item.getByText('Answering').waitFor(),
  ])
  await item.getByText('New answer').waitFor()
  assert.equal(await item.getByText('Answering').count(), 0)
  await page.reload()
  await item.getByText('New answer').waitFor()
  await item.getByRole('link').click()
  await chat.waitForText(page, 't01000')
  chat.assertGapless(await chat.settledText(page), 1000)
  await eventually(async () => (await item.getByText('New answer').count()) === 0, 'what was looked at is read')
})

behaviour(
  '16. a loss of the network is said and mended, and what was typed meanwhile is kept',
  async ({ page, context }) => {
    await chat.send(page, 'Count to six hundred [tokens=600 rate=40]')
    await chat.waitForText(page, 't00010')
    await page.evaluate(() => {
      addEventListener('offline', () => (window.lostAt ??= performance.now()))
      new MutationObserver(() => {
        if (document.querySelector('[role="alert"]')) window.saidAt ??= performance.now()
      }).observe(document.body, { childList: true, subtree: true })
    })
    await context.setOffline(true)
    await page
      .getByRole('alert')
      .getByText(/No connection/)
      .waitFor()
    assertWithin(await page.evaluate(() => window.saidAt - window.lostAt), 3000, 'the word of it')
    await sleep(5000)
    await context.setOffline(false)
    await page.getByRole('alert').waitFor({ state: 'detached' })
    chat.assertGapless(await chat.settledText(page), 600)

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
    const isBack = async () => (await chat.message(other).inputValue()) === 'never left [tokens=3]'
    await eventually(isBack, 'the text is in the field again')
  },
  { expected: broken },
)

behaviour(
  '16. what waits for the server is tried at once when somebody asks for it',
  async ({ page }) => {
    let tries = 0
    const lost = (route) => {
      tries += 1
      return route.abort()
    }
    await page.route('**/api/v1/chat', lost)
    await chat.message(page).fill(`wait for me ${quick}`)
    await chat.message(page).press('Enter')
    const again = chat.button(page.getByRole('alert'), 'Try now')
    await again.waitFor()
    // From now on nothing is tried again by itself.
    await page.evaluate(() => {
      const { setTimeout } = window
      window.setTimeout = (run, after, ...given) => setTimeout(run, after >= 250 ? 1e9 : after, ...given)
    })
    const before = tries
    await eventually(() => tries > before, 'the last try of its own')
    await page.unroute('**/api/v1/chat', lost)
    await again.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor({ state: 'detached' })
    await eventually(() => chat.isFocused(chat.message(page)), 'the focus is in the field when the button is gone')
    await chat.waitForText(page, 't00003')
    assert.equal(await chat.questions(page).count(), 1)
  },
  { expected: /ERR_FAILED/ },
)

behaviour('17. an error is a message with a reason and a way on', async ({ page }) => {
  const faults = ['status=429', 'status=500', 'cut=7']
  for (const [index, fault] of faults.entries()) {
    const text = `fault ${index} [tokens=12 ${fault} rate=100]`
    await chat.message(page).fill(text)
    await chat.message(page).press('Enter')
    const answer = chat.answers(page).nth(index)
    const card = answer.getByRole('alert')
    await card.waitFor({ timeout: 180_000 })
    const reason = await card.innerText()
    assert.match(reason, /The answer stopped/)
    assert.ok(
      reason.split('\n').some((line) => line.length > 15 && line !== 'The answer stopped'),
      reason,
    )
    assert.equal(await answer.getAttribute('aria-busy'), 'false', 'no endless waiting')
    await chat.button(card, 'Try again').and(page.locator(':enabled')).waitFor()
    assert.equal(await chat.questions(page).nth(index).innerText(), text, 'the question is kept')
    if (fault.startsWith('cut')) assert.deepEqual(chat.tokens(await answer.innerText()).length, 7, 'and what arrived')
  }
  await chat.message(page).fill('only once [tokens=4 cut=2 times=1]')
  await chat.message(page).press('Enter')
  await chat.answers(page).nth(3).getByRole('alert').waitFor({ timeout: 180_000 })
  await chat.button(chat.answers(page).nth(3).getByRole('alert'), 'Try again').click()
  await chat.waitForText(page, 't00004')
  assert.equal(await chat.questions(page).count(), 4, 'the question is not asked twice')
  await chat.settledText(page)

  await chat.message(page).fill('only once more [tokens=4 cut=2 times=1]')
  await chat.message(page).press('Enter')
  const failed = chat.answers(page).nth(4)
  await chat.button(failed.getByRole('alert'), 'Other model').and(page.locator(':enabled')).click({ timeout: 180_000 })
  await page.getByRole('menuitem', { name: 'fake-2', exact: true }).press('Enter')
  await chat.waitForText(page, 't00004')
  await chat.settledText(page)
  await eventually(() => chat.isFocused(chat.button(failed, 'Regenerate')), 'the focus is at the new answer')
})

behaviour(
  '18. a follow-up is queued, can be edited or removed, and is sent once after the answer',
  async ({ page }) => {
    await chat.send(page, 'first [tokens=800 rate=20]')
    await chat.waitForText(page, 't00002')
    const field = chat.message(page)
    const chip = page.getByText('Goes out after this answer')
    await field.fill('not this')
    await field.press('Enter')
    await chip.waitFor()
    await eventually(async () => (await field.inputValue()) === '', 'it has left the field')
    await chat.button(page, 'Remove the follow-up').click()
    await chip.waitFor({ state: 'detached' })

    await field.fill('wrong words')
    await field.press('Enter')
    await chip.waitFor()
    await chat.button(page, 'Edit the follow-up').click()
    await chip.waitFor({ state: 'detached' })
    await eventually(async () => (await field.inputValue()) === 'wrong words', 'it is in the field again')
    await eventually(() => chat.isFocused(field), 'and the caret behind it')
    await field.fill(`second ${quick}`)
    await field.press('Enter')
    await chip.waitFor()
    assert.equal(await chat.questions(page).count(), 1, 'it waits')

    await eventually(async () => (await chat.answers(page).count()) === 2, 'it goes out', 180_000)
    await chip.waitFor({ state: 'detached' })
    await chat.waitForText(page, 't00003')
    chat.assertGapless(await chat.answers(page).first().innerText(), 800)
    await page.reload()
    await chat.waitForText(page, 't00003')
    assert.deepEqual(await chat.questions(page).allInnerTexts(), ['first [tokens=800 rate=20]', `second ${quick}`])
  },
)
