// The first ten minutes, 1 to 6: writing a message.

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import * as chat from '../lib/chat.js'
import { assertWithin, eventually, stage } from '../lib/stage.js'

const { behaviour } = stage()
const quick = '[tokens=3 rate=100]'

behaviour('1. Enter sends, Shift+Enter breaks the line', async ({ page }) => {
  const field = chat.message(page)
  await eventually(() => chat.isFocused(field), 'the caret is in the field before anything is done')
  await page.keyboard.type('a')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type(`b ${quick}`)
  await page.keyboard.press('Enter')
  await chat.questions(page).first().waitFor()
  await eventually(async () => (await field.inputValue()) === '', 'the field is empty')
  await chat.settledText(page)
  assert.equal(await chat.questions(page).count(), 1)
  assert.equal(await chat.questions(page).innerText(), `a\nb ${quick}`)
  await eventually(() => chat.isFocused(field), 'the caret is still in the field')
})

behaviour('2. Enter during IME composition does not send', async ({ page }) => {
  const requests = sends(page)
  const field = chat.message(page)
  await field.pressSequentially(`${quick} ni`)
  await field.evaluate((node) => {
    node.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }))
    const key = { key: 'Enter', code: 'Enter', keyCode: 229, isComposing: true, bubbles: true, cancelable: true }
    node.dispatchEvent(new KeyboardEvent('keydown', key))
    node.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true, data: '你' }))
  })
  await sleep(300)
  assert.equal(requests.length, 0)
  assert.equal(await chat.questions(page).count(), 0)
  await field.press('Enter')
  await chat.settledText(page)
  assert.equal(requests.length, 1)
  assert.equal(await chat.questions(page).count(), 1)
})

behaviour(
  '2. on a touch screen Enter adds a line, and the keyboard does not open without a tap',
  async ({ page }) => {
    const requests = sends(page)
    const field = chat.message(page)
    assert.equal(await chat.isFocused(field), false)
    await field.tap()
    await page.keyboard.type('a')
    await page.keyboard.press('Enter')
    await page.keyboard.type(`b ${quick}`)
    assert.equal(await field.inputValue(), `a\nb ${quick}`)
    assert.equal(requests.length, 0)

    // Nor does it open where the focus would be put elsewhere: in a conversation, in a new chat, behind a dialog.
    await chat.button(page, 'Send').tap()
    await chat.settledText(page)
    const address = await chat.address(page)
    await page.goto(address)
    await chat.answers(page).first().waitFor()
    await chat.ready(page)
    assert.equal(await chat.isFocused(field), false, 'in a conversation')
    await chat.button(page, 'New chat').first().tap()
    await page.waitForURL('**/')
    await chat.answers(page).first().waitFor({ state: 'detached' })
    await chat.ready(page)
    assert.equal(await chat.isFocused(field), false, 'in a new chat')
    await chat.button(page, 'Open menu').tap()
    await chat.button(page, 'Search').first().tap()
    await page.getByRole('searchbox').waitFor()
    await chat.rest(page)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').first().waitFor({ state: 'detached' })
    await chat.rest(page)
    assert.equal(await chat.isFocused(field), false, 'behind a dialog')
  },
  { options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
)

behaviour('3. empty or blank text cannot be sent', async ({ page }) => {
  const requests = sends(page)
  const field = chat.message(page)
  assert.ok(await chat.button(page, 'Send').isDisabled())
  await field.pressSequentially('   ')
  await field.press('Enter')
  await sleep(300)
  assert.ok(await chat.button(page, 'Send').isDisabled())
  assert.equal(requests.length, 0)
  assert.equal(await chat.questions(page).count(), 0)
})

behaviour('4. the composer grows to a cap, then scrolls inside', async ({ page }) => {
  await chat.ask(page, quick)
  const field = chat.message(page)
  const heightOf = async () => (await field.boundingBox()).height
  const low = await heightOf()
  await field.focus()
  for (let line = 1; line <= 40; line += 1) {
    await page.keyboard.insertText(`line ${line}`)
    if (line < 40) await page.keyboard.press('Shift+Enter')
    if (line === 3) assert.ok((await heightOf()) > low, 'it grows')
  }
  const composer = page.locator('form', { has: field })
  const { height } = page.viewportSize()
  const box = await composer.boundingBox()
  assert.ok(box.height <= height * 0.4 + 1, `${box.height} of ${height}`)
  const hidden = () => field.evaluate((node) => node.scrollHeight - node.clientHeight - node.scrollTop)
  await eventually(async () => (await hidden()) < 8, 'the last line is visible')
  const list = await chat.scroller(page).boundingBox()
  assert.ok(list.y + list.height <= box.y + 1, 'the list ends where the composer begins')
  await eventually(async () => (await chat.distanceToEnd(page)) <= 2, 'and its end is in sight')
})

behaviour(
  '5. a draft survives switch, reload and a killed tab, also while an answer streams',
  async ({ page, context }) => {
    await chat.ask(page, `first ${quick}`)
    const first = await chat.address(page)
    await chat.newChat(page)
    await chat.ask(page, `second ${quick}`)
    const second = await chat.address(page)

    for (const running of [false, true]) {
      await chat.open(page, first)
      if (running) {
        await chat.send(page, 'long [tokens=20000 rate=40]')
        await chat.waitForText(page, 't00003')
      }
      await chat.message(page).pressSequentially(`draft ${running}`)
      await chat.open(page, second)
      await isWritten(page, '')
      await page.reload()
      await chat.ready(page)
      await isWritten(page, '')
      await chat.open(page, first)
      await isWritten(page, `draft ${running}`)

      // A tab that is killed saves nothing at its end: what was typed half a second before is there all the same.
      const saved = `draft ${running} more`
      await typeUntilKept(page, ' more', saved)
      const other = await context.newPage()
      await other.goto(first)
      await chat.ready(other)
      await isWritten(other, saved)
      // That tab is killed in the middle of more.
      const most = `${saved} and more`
      await typeUntilKept(other, ' and more', most)
      const crashed = other.waitForEvent('crash')
      const line = await context.newCDPSession(other)
      void line.send('Page.crash').catch(() => undefined)
      await crashed
      await other.close()
      await page.reload()
      await chat.answers(page).first().waitFor()
      await eventually(async () => (await chat.message(page).inputValue()) === most, 'what was typed before the crash')

      await chat.message(page).fill(`draft sent ${running} ${quick}`)
      await chat.message(page).press('Enter')
      if (running) {
        await page.getByText('Goes out after this answer').waitFor()
        await page.reload()
        await chat.answers(page).first().waitFor()
        await page.getByText('Goes out after this answer').waitFor()
        await chat.rest(page)
        assert.equal(await chat.message(page).inputValue(), '', 'what waits for the answer is not in the field')
        await chat.button(page, 'Stop').click()
      }
      await chat.questions(page).getByText(`draft sent ${running}`).waitFor()
      await chat.settledText(page)
      await page.reload()
      await chat.questions(page).getByText(`draft sent ${running}`).waitFor()
      assert.equal(await chat.message(page).inputValue(), '', 'what was sent is gone')
      assert.equal(await chat.questions(page).getByText(`draft sent ${running}`).count(), 1, 'and was sent once')
    }
  },
)

behaviour('5. the tabs of a browser share a draft, and what one has sent leaves the others', async ({ page, context }) => {
  await chat.ask(page, `first ${quick}`)
  const other = await context.newPage()
  await other.goto(await chat.address(page))
  await chat.answers(other).first().waitFor()
  await chat.ready(other)
  await chat.message(page).fill(`second ${quick}`)
  await isWritten(other, `second ${quick}`)
  await chat.message(other).press('End')
  await chat.message(other).pressSequentially(' and more')
  await isWritten(page, `second ${quick} and more`)
  await chat.message(page).press('Enter')
  await isWritten(other, '')
  await chat.settledText(page)

  // A follow-up is seen in both, and goes out once.
  await chat.send(page, 'long [tokens=20000 rate=40]')
  await chat.waitForText(page, 't00003')
  await chat.message(page).fill(`third ${quick}`)
  await chat.message(page).press('Enter')
  await other.getByText('Goes out after this answer').waitFor()
  await chat.button(page, 'Stop').click()
  for (const one of [page, other]) {
    await chat.questions(one).getByText('third').waitFor()
    await one.getByText('Goes out after this answer').waitFor({ state: 'detached' })
    await chat.settledText(one)
    await isWritten(one, '')
    assert.equal(await chat.questions(one).getByText('third').count(), 1)
  }
  await other.reload()
  await chat.questions(other).getByText('third').waitFor()
  assert.equal(await chat.questions(other).count(), 4)
  assert.equal(await chat.message(other).inputValue(), '')
})

behaviour('6. Arrow up recalls the last own message, Escape restores the empty composer', async ({ page }) => {
  const field = chat.message(page)
  await field.press('ArrowUp')
  assert.equal(await field.inputValue(), '')
  await chat.ask(page, `one ${quick}`)
  await chat.ask(page, `two ${quick}`)
  await field.press('ArrowUp')
  assert.equal(await field.inputValue(), `two ${quick}`)
  await field.press('Escape')
  assert.equal(await field.inputValue(), '')
  await field.press('ArrowUp')
  await field.press('End')
  await field.press('!')
  assert.equal(await field.inputValue(), `two ${quick}!`, 'what was recalled can be changed')

  // What was recalled here has nothing to do with what is being written in another conversation.
  const first = await chat.address(page)
  await field.fill('')
  await chat.newChat(page)
  await chat.ask(page, `elsewhere ${quick}`)
  const second = await chat.address(page)
  await field.fill('a draft')
  await chat.open(page, first)
  await isWritten(page, '')
  await field.press('ArrowUp')
  await isWritten(page, `two ${quick}`)
  await chat.open(page, second)
  await isWritten(page, 'a draft')
  await field.press('Escape')
  await chat.rest(page)
  assert.equal(await field.inputValue(), 'a draft')
})

const isWritten = (page, text) =>
  eventually(async () => (await chat.message(page).inputValue()) === text, `"${text}" is in the field`)

/** Types more, so that the field holds \`text\`; half a second after the last key at the latest the browser keeps it. */
async function typeUntilKept(page, more, text) {
  await page.evaluate(() => addEventListener('input', () => (window.typedAt = performance.now()), { capture: true }))
  const isKept = (text) => Object.values(localStorage).some((held) => held.includes(text)) && performance.now()
  const kept = page.waitForFunction(isKept, text, { polling: 10 })
  await chat.message(page).pressSequentially(more)
  const took = (await (await kept).jsonValue()) - (await page.evaluate(() => window.typedAt))
  assertWithin(took, 500, 'keeping what was typed')
}

function sends(page) {
  const requests = []
  page.on('request', (request) => {
    if (request.method() === 'POST' && new URL(request.url()).pathname === '/api/v1/chat') requests.push(request)
  })
  return requests
}
