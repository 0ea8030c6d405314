// The first ten minutes, 25 to 30: conversations, and the first run.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { launch, openPage, picturing } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { drawn } from '../lib/detector.js'
import { startPrograms } from '../lib/programs.js'
import { assertQuick, assertWithin, eventually, signUp, stage } from '../lib/stage.js'

const { behaviour } = stage()
const quick = '[tokens=3 rate=100]'

const link = (page, path) => chat.conversations(page).locator(`a[href="${path}"]`)

async function begin(page, text) {
  await chat.ask(page, text)
  return chat.address(page)
}

behaviour(
  '25. a conversation has an address, for its owner and nobody else',
  async ({ page, context, browser, programs }) => {
    await page.evaluate(() => (window.isTheSamePage = true))
    const first = await begin(page, `first ${quick}`)
    assert.ok(await page.evaluate(() => window.isTheSamePage), 'sending changes the address without a reload')
    await chat.newChat(page)
    const second = await begin(page, `second ${quick}`)
    const shows = (text) => chat.questions(page).getByText(text).waitFor()
    await page.goBack()
    await page.waitForURL((url) => url.pathname !== second)
    if (new URL(page.url()).pathname !== first) await page.goBack()
    await page.waitForURL(`**${first}`)
    await shows('first')
    await page.goForward()
    await page.waitForURL((url) => url.pathname !== first)
    if (new URL(page.url()).pathname !== second) await page.goForward()
    await page.waitForURL(`**${second}`)
    await shows('second')

    const { page: copied } = await openPage(browser, programs.url, { storageState: await context.storageState() })
    await copied.goto(first)
    await chat.questions(copied).getByText('first').waitFor()
    await copied.context().close()

    const { page: strange } = await openPage(browser, programs.url)
    await signUp(strange.context())
    await strange.goto(first)
    await strange.getByText('There is nothing here').waitFor()
    assert.equal(await strange.getByText('first', { exact: true }).count(), 0)
    await strange.getByRole('link', { name: 'Go to a new chat' }).click()
    await chat.message(strange).waitFor()
    await strange.context().close()
  },
)

behaviour(
  '26. the title is the first words, then better ones once, and never overwrites a manual one',
  async ({ page }) => {
    const older = await begin(page, `older ${quick}`)
    await chat.newChat(page)
    await chat.message(page).fill('How deep is the sea [tokens=60 rate=20 title=Depths_of_the_sea]')
    // Every title that a conversation has had in the list, from the beginning, and when: a better one may come soon.
    await page.evaluate(() => {
      window.titles = {}
      const look = () => {
        for (const link of document.querySelectorAll('nav a[href^="/c/"]')) {
          const title = link.querySelector(':scope > span')?.textContent
          window.titles[link.getAttribute('href')] ??= []
          const had = window.titles[link.getAttribute('href')]
          if (title && had.at(-1)?.title !== title) had.push({ title, at: performance.now() })
        }
      }
      new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true })
      addEventListener('keydown', () => (window.sentAt ??= performance.now()), { capture: true })
    })
    await chat.message(page).press('Enter')
    const address = await chat.address(page)
    const item = link(page, address)
    const places = () =>
      chat
        .conversations(page)
        .getByRole('listitem')
        .locator('a')
        .evaluateAll((all) => all.map((one) => one.getAttribute('href')))
    const order = [address, older]
    await item.getByText('Depths of the sea').waitFor()
    assert.deepEqual(await places(), order, 'it does not move')
    await chat.settledText(page)
    await chat.ask(page, `and how wide ${quick}`)
    await sleep(2_500)
    const { had, sentAt } = await page.evaluate(
      (path) => ({ had: window.titles[path], sentAt: window.sentAt }),
      address,
    )
    const titles = had.map(({ title }) => title)
    assert.equal(titles.length, 2, `it changes once: ${titles}`)
    assert.match(titles[0], /^How deep is the sea/)
    assertWithin(had[0].at - sentAt, 2000, 'the first words as a title')
    assert.equal(titles[1], 'Depths of the sea')
    assert.deepEqual(await places(), order, 'nor later')
    assert.equal(await item.getByText('New answer').count(), 0)

    const title = page.getByRole('textbox', { name: 'Title' })
    await item.dblclick()
    await title.fill('By double click')
    await title.press('Enter')
    await item.getByText('By double click').waitFor()
    await item.press('F2')
    await title.fill('Not this')
    await title.press('Escape')
    await item.getByText('By double click').waitFor()
    await item.press('F2')
    await title.fill('By hand')
    await title.press('Enter')
    await item.getByText('By hand').waitFor()
    await chat.ask(page, `more [tokens=3 title=Robbed]`)
    // Longer than a title is asked for after an answer.
    await sleep(2_500)
    await page.reload()
    await item.getByText('By hand').waitFor()
  },
)

behaviour('27. edit and regenerate make siblings, and the model sees only its branch', async ({ page, programs }) => {
  await chat.ask(page, `apples ${quick}`)
  await chat.ask(page, `and pears ${quick}`)
  const first = chat.questions(page).first()
  await first.hover()
  await chat.button(first, 'Edit').click()
  await page.getByRole('textbox', { name: 'Edit message' }).fill(`plums [tokens=4 rate=100]`)
  await page.getByRole('textbox', { name: 'Edit message' }).press('Enter')
  await first.getByText('2/2').waitFor()
  await chat.waitForText(page, 't00004')
  assert.equal(await chat.questions(page).count(), 1)
  const asked = (await programs.seen('requests')).findLast((request) => !request.title)
  assert.ok(JSON.stringify(asked.body).includes('plums') && !JSON.stringify(asked.body).includes('apples'))
  assert.ok(!JSON.stringify(asked.body).includes('pears'))

  await chat.settledText(page)
  await chat.button(first, 'Previous version').click()
  await first.getByText('1/2').waitFor()
  await chat.questions(page).getByText('and pears').waitFor()
  assert.deepEqual(await chat.questions(page).locator('> div:first-child').allInnerTexts(), [
    `apples ${quick}`,
    `and pears ${quick}`,
  ])
  await page.reload()
  await chat.questions(page).getByText('and pears').waitFor()
  await first.getByText('1/2').waitFor()

  const answer = chat.answers(page).last()
  await chat.button(answer, 'Regenerate').click()
  await answer.getByText('2/2').waitFor()
  await chat.settledText(page)
  const again = (await programs.seen('requests')).findLast((request) => !request.title)
  assert.ok(JSON.stringify(again.body).includes('pears') && !JSON.stringify(again.body).includes('plums'))
  await page.reload()
  await chat.answers(page).last().getByText('2/2').waitFor()
})

/**
 * Tries every letter, sign and arrow with Ctrl or Alt, and gives those for which the page has a use of its own. Whether a sign
 * needs Shift is a matter of the keyboard.
 */
const takenKeys = (page) =>
  page.evaluate(() => {
    const arrows = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→' }
    const taken = new Set()
    for (const key of [...'abcdefghijklmnopqrstuvwxyz0123456789/.,;', ...Object.keys(arrows)]) {
      for (const modifier of ['ctrlKey', 'altKey']) {
        for (const shiftKey of [false, true]) {
          const press = new KeyboardEvent('keydown', { key, shiftKey, [modifier]: true, bubbles: true, cancelable: true })
          if (document.body.dispatchEvent(press)) continue
          const shift = shiftKey && /[a-z]/i.test(key) ? 'Shift+' : ''
          taken.add(`${modifier === 'ctrlKey' ? 'Ctrl' : 'Alt'}+${shift}${arrows[key] ?? key.toUpperCase()}`)
        }
      }
    }
    return [...taken]
  })

behaviour('28. the keyboard finds, opens and lists everything', async ({ page }) => {
  const field = chat.message(page)
  const wanted = await begin(page, 'the heron stood in the reeds [tokens=3 title=Birds]')
  await chat.newChat(page)
  const other = await begin(page, `nothing of interest ${quick}`)
  await link(page, wanted).getByText('Birds').waitFor()

  await field.fill('half a thought')
  await page.keyboard.press('Control+k')
  const search = page.getByRole('searchbox', { name: 'Search conversations' })
  await search.waitFor()
  await eventually(() => chat.isFocused(search), 'the caret is in the search')
  await page.evaluate(() => {
    const input = document.querySelector('[type="search"]')
    input.addEventListener('input', () => (window.typedAt = performance.now()))
    new MutationObserver(() => {
      const options = [...document.querySelectorAll('[role="option"]')]
      if (options.length > 0 && options.every((one) => /Birds/.test(one.textContent)))
        window.foundAt ??= performance.now()
    }).observe(document.querySelector('[role="dialog"]'), { childList: true, subtree: true, characterData: true })
  })
  const find = async (words) => {
    await search.fill('')
    await page.getByRole('option').nth(1).waitFor()
    await page.evaluate(() => (window.foundAt = undefined))
    await search.fill(words)
    await page.waitForFunction(() => window.foundAt)
    return page.evaluate(() => window.foundAt - window.typedAt)
  }
  await assertQuick(() => find('bird'), 100, 'filtering titles')
  // What was said is found by the server, and as soon; words that no title has, and that were not asked for before.
  const words = ['heron', 'reeds', 'stood', 'heron stood', 'the heron']
  await assertQuick((time) => find(words[time]), 100, 'filtering texts')
  await page.keyboard.press('Escape')
  await search.waitFor({ state: 'detached' })
  await eventually(() => chat.isFocused(field), 'the focus is where it was')
  assert.equal(await field.inputValue(), 'half a thought')
  assert.equal(new URL(page.url()).pathname, other)

  await page.keyboard.press('Control+k')
  await search.fill('heron')
  await page.getByRole('option').filter({ hasText: 'heron' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  await page.waitForURL(`**${wanted}#m*`)
  await chat.questions(page).getByText('heron').waitFor()
  await eventually(() => chat.isFocused(field), 'the caret is in the field of what was opened')

  await page.keyboard.press('Control+Shift+o')
  await page.waitForURL('**/')
  await chat.questions(page).first().waitFor({ state: 'detached' })
  await chat.ready(page)
  await eventually(() => chat.isFocused(field), 'the caret is in the field of a new chat')
  await page.keyboard.press('Control+/')
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await sheet.waitFor()
  const listed = await sheet.locator('kbd').allInnerTexts()
  for (const keys of ['Esc', 'Shift+Esc', 'Enter', 'Shift+Enter', 'F2', '?', 'J', 'K', 'Ctrl+F']) assert.ok(listed.includes(keys), keys)
  await chat.rest(page)
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'detached' })
  await eventually(() => chat.isFocused(field), 'the focus is back in the field')
  await chat.button(page, 'Search').first().focus()
  await page.keyboard.press('Shift+Escape')
  await eventually(() => chat.isFocused(field), 'the caret is in the field')

  // The list holds every key that a conversation takes for itself, and no other; Ctrl+F is taken where much is not drawn.
  await chat.open(page, other)
  const chords = listed.filter((keys) => /^(Ctrl|Alt)\+/.test(keys) && !keys.endsWith('Enter') && keys !== 'Ctrl+F')
  const written = chords.map((keys) => keys.replace(/Shift\+(?=[^A-Z]$)/, ''))
  assert.deepEqual(written.sort(), (await takenKeys(page)).sort())
})

behaviour(
  '29. delete offers undo, lands on a new chat, and leaves no ghost',
  async ({ page, context, programs }) => {
    await begin(page, `kept ${quick}`)
    await chat.newChat(page)
    const address = await begin(page, `goes ${quick}`)
    const remove = async () => {
      const item = chat
        .conversations(page)
        .getByRole('listitem')
        .filter({ has: page.locator(`a[href="${address}"]`) })
      await item.hover()
      await item.getByRole('button', { name: /^Options for/ }).click()
      await page.getByRole('menuitem', { name: 'Delete' }).click()
    }
    // There are ten seconds for it: at the end of the ninth, by the clock of the page, it can still be undone. The pointer
    // comes to it then, under which it stays.
    await page.evaluate(() => {
      const watcher = new MutationObserver(() => {
        const notice = document.querySelector('[data-sonner-toast]')
        if (!notice) return
        watcher.disconnect()
        setTimeout(() => {
          notice.dispatchEvent(new MouseEvent('mousemove', { bubbles: true }))
          window.isStillThere = notice.isConnected && notice.dataset.removed !== 'true'
        }, 9_000)
      })
      watcher.observe(document.body, { childList: true, subtree: true })
    })
    await remove()
    await page.waitForURL('**/')
    await link(page, address).waitFor({ state: 'detached' })
    await eventually(() => chat.isFocused(chat.message(page)), 'the caret is in the field of a new chat')
    await page.mouse.move(640, 300)
    await page.waitForFunction(() => window.isStillThere !== undefined)
    assert.ok(await page.evaluate(() => window.isStillThere), 'it can be undone at the end of the ninth second')
    await chat.button(page, 'Undo').click()
    await link(page, address).waitFor()
    await page.waitForURL(`**${address}`)
    await chat.questions(page).getByText('goes').waitFor()
    await chat.button(page, 'Undo').waitFor({ state: 'detached' })

    // Another client sends while this one deletes.
    const other = await context.newPage()
    await other.goto(address)
    await chat.answers(other).first().waitFor()
    await chat.message(other).fill('at the same time [tokens=40 rate=40]')
    await Promise.all([chat.message(other).press('Enter'), remove()])
    await page.waitForURL('**/')
    await sleep(2500)
    await page.reload()
    await chat.message(page).waitFor()
    await chat.conversations(page).getByRole('link').first().waitFor()
    assert.equal(await chat.conversations(page).getByRole('link').count(), 1, 'only what was kept is there')
    await eventually(async () => (await programs.seen('counts')).open === 0, 'and nothing runs')
  },
  { expected: /status of 404|status of 409/ },
)

test('30. the first run: quick, an administrator, an answer without a key, light and dark, small and by keyboard', async () => {
  const programs = await startPrograms({ provider: null })
  const browser = await launch()
  try {
    const small = { viewport: { width: 360, height: 740 }, colorScheme: 'dark' }
    const { page, complaints } = await openPage(browser, programs.url, small)
    await picturing(page, '30-first-run', async () => {
      const start = async () => {
        const others = await startPrograms({ provider: null })
        await others.stop()
        return others.readyAfter
      }
      await assertQuick((time) => (time === 0 ? programs.readyAfter : start()), 1000, 'the start of the server')
      const visit = async (page) => {
        const begun = performance.now()
        await page.goto('/register')
        await page.getByLabel('User name', { exact: true }).waitFor()
        return performance.now() - begun
      }
      const visitAnew = async () => {
        const { page: anew } = await openPage(browser, programs.url, small)
        const took = await visit(anew)
        await anew.context().close()
        return took
      }
      await assertQuick((time) => (time === 0 ? visit(page) : visitAnew()), 1000, 'the first page')
      const isDark = () => page.evaluate(() => document.documentElement.classList.contains('dark'))
      const noScroll = async () =>
        assert.equal(
          await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
          0,
          'nothing is cut off',
        )
      assert.equal(await isDark(), true, 'it follows the system')
      await noScroll()

      // By keyboard alone.
      const type = async (name, text) => {
        for (let tabs = 0; !(await chat.isFocused(page.getByLabel(name, { exact: true }))); tabs += 1) {
          assert.ok(tabs < 20, `${name} is reached by Tab`)
          await page.keyboard.press('Tab')
        }
        await page.keyboard.type(text)
      }
      await type('User name', 'ada')
      await type('Email', 'ada@example.org')
      await type('Password', 'correct horse battery')
      await page.keyboard.press('Enter')
      await chat.message(page).waitFor()
      const me = await (await page.context().request.get('/api/v1/me')).json()
      assert.equal(me.role, 'admin')
      await eventually(() => chat.isFocused(chat.message(page)), 'the caret is in the field')
      await page.keyboard.type('Hello')
      await page.keyboard.press('Enter')
      await chat.answers(page).first().waitFor()
      const answer = await chat.settledText(page)
      assert.ok(answer.trim().length > 20, answer)
      const [held] = await (await page.context().request.get('/api/v1/conversations')).json()
      assert.equal(held.title, 'Hello', 'the title is the first words')
      await noScroll()
      await page.keyboard.press('Control+k')
      await page.getByRole('searchbox').waitFor()
      await noScroll()
      await chat.rest(page)
      await page.keyboard.press('Escape')

      // The choice of a theme persists, and the page is never seen in the other one.
      await page.emulateMedia({ colorScheme: 'light' })
      await eventually(async () => !(await isDark()), 'it goes with the system')
      await chat.button(page, 'Open menu').press('Enter')
      await page.getByRole('button', { name: /^ada/ }).last().press('Enter')
      // A reload before the server has it would take the choice back.
      const kept = page.waitForResponse((response) => response.url().endsWith('/preferences') && response.ok())
      await page.getByRole('menuitemradio', { name: 'Dark' }).press('Enter')
      await eventually(isDark, 'it is dark')
      await kept
      await chat.rest(page)
      await page.keyboard.press('Escape')
      await page.addInitScript(() => {
        window.grounds = []
        const look = () => {
          // Before there is a body nothing is seen.
          if (document.body) window.grounds.push(getComputedStyle(document.documentElement).backgroundColor)
          requestAnimationFrame(look)
        }
        requestAnimationFrame(look)
      })
      await page.reload()
      await chat.message(page).waitFor()
      await drawn(page)
      assert.deepEqual(await page.evaluate(() => [...new Set(window.grounds)]), ['rgb(14, 15, 18)'])
    })
    assert.deepEqual(complaints, [])
  } finally {
    await browser.close()
    await programs.stop()
  }
})

behaviour(
  'a model that is chosen holds for the next message at once, and is taken back with a word if it is refused',
  async ({ page, programs }) => {
    await chat.ask(page, `first ${quick}`)
    const picker = page.getByRole('button', { name: /^Model: / })
    const name = () => picker.getAttribute('aria-label')
    const choose = async (model) => {
      await picker.click()
      await page.getByRole('menuitemradio', { name: new RegExp(`^${model}\\b(?!-)`) }).click()
    }
    let go
    const held = new Promise((resolve) => (go = resolve))
    await page.route('**/api/v1/conversations/*', async (route) => {
      if (route.request().method() !== 'PATCH') return route.fallback()
      await held
      await route.fulfill({ status: 403, json: { detail: 'No' } })
    })
    const before = await name()
    await choose('fake-2')
    await eventually(async () => (await name()) === 'Model: fake-2', 'the choice is shown before the server has it')
    await chat.ask(page, `second ${quick}`)
    const isSecond = ({ title, body }) => !title && JSON.stringify(body).includes('second')
    const asked = (await programs.seen('requests')).findLast(isSecond)
    assert.equal(asked.body.model, 'fake-2', 'the model that is shown is asked')
    go()
    await chat.notice(page, 'fake-2 could not be chosen.').waitFor()
    await eventually(async () => (await name()) === before, 'the model before is shown')
  },
  { expected: /403/ },
)

behaviour('the options of a conversation are at hand, hold for it alone, and go back to the default', async ({ page, programs }) => {
  const asked = async (text) =>
    (await programs.seen('requests')).findLast(({ title, body }) => !title && JSON.stringify(body).includes(text)).body
  const options = page.getByRole('button', { name: /^Answer options/ })
  const label = () => options.getAttribute('aria-label')
  const dialog = page.getByRole('dialog', { name: 'Answer options' })
  const save = async () => {
    await chat.button(dialog, 'Save').click()
    await dialog.waitFor({ state: 'detached' })
  }

  await options.focus()
  await page.keyboard.press('Enter')
  await dialog.getByLabel('Temperature').fill('0.3')
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await eventually(() => chat.isFocused(options), 'the focus is where it came from')
  assert.equal(await label(), 'Answer options, changed')
  const first = await begin(page, `first ${quick}`)
  assert.equal((await asked('first')).temperature, 0.3)
  assert.equal(await label(), 'Answer options, changed', 'they go with the conversation')

  await options.click()
  await dialog.getByLabel('Longest answer, in tokens').fill('500')
  await dialog.getByLabel('Instructions for this conversation').fill('Speak like a heron.')
  await save()
  await chat.ask(page, `second ${quick}`)
  const second = await asked('second')
  assert.equal(second.temperature, 0.3)
  assert.equal(second.max_tokens ?? second.max_completion_tokens, 500)
  assert.match(JSON.stringify(second.messages), /Speak like a heron/)

  await chat.newChat(page)
  assert.equal(await label(), 'Answer options')
  await chat.ask(page, `elsewhere ${quick}`)
  assert.equal((await asked('elsewhere')).temperature, undefined)
  await chat.open(page, first)
  await page.reload()
  await chat.ready(page)
  await options.click()
  assert.equal(await dialog.getByLabel('Temperature').inputValue(), '0.3')
  await chat.button(dialog, 'Back to default').click()
  await dialog.getByLabel('Instructions for this conversation').fill('')
  await save()
  await eventually(async () => (await label()) === 'Answer options', 'nothing is changed any more')
  await chat.ask(page, `third ${quick}`)
  const third = await asked('third')
  assert.deepEqual([third.temperature, third.max_tokens ?? third.max_completion_tokens], [undefined, undefined])
  assert.doesNotMatch(JSON.stringify(third.messages), /heron/)
})
