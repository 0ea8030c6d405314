// Nothing that a model or a person writes runs, loads from elsewhere or leads away: every payload in every place.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage, picturing } from '../lib/browser.js'
import { watchRequests } from '../lib/budgets.js'
import * as chat from '../lib/chat.js'
import { complete, drawn, spying } from '../lib/detector.js'
import { corpus, oneLiners, payloads } from '../lib/payloads.js'
import { eventually, signUp, stage } from '../lib/stage.js'

const { set } = stage({ tells: true, vision: ['teller'] })
const quickly = { rate: 0, size: 4000 }
let person

/** The one who reads it all, watched. */
async function reader() {
  if (person) return person
  const { page, complaints } = await openPage(set.browser, set.programs.url, { patient: true })
  await signUp(page.context())
  await page.goto('/')
  await chat.ready(page)
  person = { page, complaints, spy: await spying(page), settled: watchRequests(page) }
  return person
}

/**
 * The library of diagrams parses words as HTML in its sandbox, where the policy stops handlers: that wall may be leant on, by
 * diagrams alone. The app's own page has nothing to stop.
 */
const stoppedInside = /^sandbox: policy script-src-attr stopped inline$|^console: Executing inline event handler .*\/assets\/sandbox\/diagram-/s

/** Nothing was seen by the detector, nor by the browser itself. */
function assertQuiet({ spy, complaints }, where) {
  const isWrong = (what) => !stoppedInside.test(what)
  assert.deepEqual(spy.seen.filter(isWrong), [], where)
  assert.deepEqual(complaints.filter(isWrong), [], where)
}

const api = async (method, path, data) => {
  const answer = await person.page.context().request.fetch(path, { method, data })
  assert.ok(answer.ok(), `${method} ${path}: ${await answer.text()}`)
  return answer.status() === 204 ? null : answer.json()
}

/** A conversation in which each payload is asked, answered and thought. */
async function converse(texts) {
  let conversation_id
  for (const text of texts) {
    set.teller.next(text, { ...quickly, reasoning: text })
    // The server takes this one character from nobody.
    const message = text.replaceAll('\u0000', '')
    const answer = await api('POST', '/api/v1/chat/simple', { message, ...(conversation_id && { conversation_id }) })
    conversation_id = answer.conversation_id
  }
  return conversation_id
}

test('the detector sees what runs, asks, leads away, or tries to', async () => {
  const { page } = await openPage(set.browser, set.programs.url)
  const spy = await spying(page)
  const attempts = {
    script: '<img src=x onerror="window.__fired=1">',
    dialog: '<img src=x onerror="alert(1)">',
    frame: '<iframe srcdoc="<script>window.__fired=1</script>"></iframe>',
    request: '<img src="http://leak.test/control.png">',
    link: '<a href="javascript:window.__fired=1">click</a>',
    navigation: '<meta http-equiv=refresh content="0;url=data:text/html,moved">',
  }
  for (const [kind, text] of Object.entries(attempts)) {
    await page.goto('about:blank')
    spy.forget()
    await page.setContent(`<div role="log">${text}</div>`)
    await page.locator('[role="log"] a').evaluateAll((all) => all.forEach((one) => one.click()))
    const found = async () => [...spy.seen, ...(await spy.leftovers().catch(() => []))]
    await eventually(async () => (await found()).length > 0, `${kind} is seen`)
  }
  // The app's own policy stops what gets into its page, and that is reported.
  await page.goto('/login')
  spy.forget()
  await page.evaluate(() => {
    const image = document.createElement('img')
    try {
      image.setAttribute('onerror', 'window.__fired=1')
    } catch {
      window.__saw('trusted types')
    }
    image.src = 'http://leak.test/control.png'
    document.body.append(image)
  })
  for (const what of ['trusted types', 'policy img-src stopped http://leak.test/control.png']) {
    await eventually(() => spy.seen.includes(what), `${what}, beside ${spy.seen}`)
  }
  await page.context().close()
})

test(`the corpus is large enough: ${corpus.length} payloads`, () => {
  assert.ok(new Set(corpus).size >= 150, 'at least 150 that differ')
  for (const kind of ['scripts', 'svg', 'styles', 'frames', 'links', 'formulas', 'diagrams']) assert.ok(payloads[kind].length > 0, kind)
})

for (const [kind, texts] of Object.entries(payloads)) {
  test(`${texts.length} payloads of ${kind} do nothing in a conversation, nor in a link to it`, async () => {
    const { page, spy } = await reader()
    const conversation = await converse(texts)
    const title = oneLiners.find((one) => texts.includes(one)) ?? oneLiners[0]
    await api('PATCH', `/api/v1/conversations/${conversation}`, { title })
    const { token } = await api('POST', `/api/v1/conversations/${conversation}/share`)
    spy.forget()
    await picturing(page, `injection-${kind}`, async () => {
      await page.goto(`/c/${conversation}`)
      await chat.answers(page).last().waitFor()
      await spy.readThrough(chat.scroller(page))
      assert.deepEqual(await spy.leftovers(), [])
      assertQuiet(person, `the conversation of ${kind}`)

      await page.goto(`/s/${token}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await spy.readThrough(page.locator('.scroll-area'))
      assert.deepEqual(await spy.leftovers(), [])
      assertQuiet(person, `the shared page of ${kind}`)
    })
  })
}

test('nothing happens while an answer is half-written', async () => {
  const { page, spy } = await reader()
  spy.forget()
  await picturing(page, 'injection-streaming', async () => {
    // Several at once, cut at every few characters.
    const texts = corpus.filter((text) => !text.startsWith('```mermaid'))
    for (let at = 0; at < texts.length; at += 60) {
      const text = texts.slice(at, at + 60).join('\n\n')
      await page.goto('/')
      await chat.message(page).waitFor()
      set.teller.next(text, { rate: 250, size: 7 })
      await chat.ask(page, 'Go on')
      assertQuiet(person, `while ${at} and more are written`)
      assert.deepEqual(await spy.leftovers(), [])
    }
  })
})

test('titles, names, searches and notices are words', async () => {
  const { page, spy, settled } = await reader()
  await picturing(page, 'injection-names', async () => {
    spy.forget()
    for (const name of oneLiners.slice(0, 60)) await api('POST', '/api/v1/groups', { name })
    const items = await api('GET', '/api/v1/conversations?limit=50')
    for (const [at, { id }] of items.entries()) {
      await api('PATCH', `/api/v1/conversations/${id}`, { title: oneLiners.at(-at - 1) })
    }
    await api('PATCH', '/api/v1/me', { full_name: '<img src=x onerror=window.__fired=1>' })
    await page.goto('/')
    await chat.ready(page)
    await chat.conversations(page).getByText('onerror').first().waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('searchbox').fill('fired')
    await page.locator('[role="listbox"]:not(.opacity-60)').getByRole('option').first().waitFor()
    await drawn(page)
    assert.deepEqual(await spy.leftovers(), [])
    await page.keyboard.press('Escape')
    for (const path of ['/settings/profile', '/settings/security', '/settings/data', '/<svg onload=window.__fired=1>']) {
      await page.goto(path)
      await page.getByRole('main').waitFor()
      await settled()
      assert.deepEqual(await spy.leftovers(), [], path)
    }
    await page.goto(`/c/${items[0].id}`)
    await chat.answers(page).last().waitFor()
    await chat.button(page, 'More').click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByText(/^Deleted "/).waitFor()
    assert.deepEqual(await spy.leftovers(), [])
    assertQuiet(person, 'names')
  })
})

const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAD0lEQVR4nGNg+M/wHwgBDPsC/nX7LvIAAAAASUVORK5CYII=',
  'base64',
)
/** What a file system lets a file be called; the rest of a path is no part of a name. */
const fileNames = oneLiners.filter((text) => text.includes('__fired') && !/[/\\]/.test(text))

test(`${fileNames.length} names of files, and what is in them, are words`, async () => {
  assert.ok(fileNames.length >= 30, `${fileNames.length} names`)
  const { page, spy } = await reader()
  const attached = page.getByRole('list', { name: 'Attached files' })
  const check = async (where) => {
    assert.deepEqual(await spy.leftovers(), [], where)
    assertQuiet(person, where)
  }
  await picturing(page, 'injection-files', async () => {
    spy.forget()
    // As many as go with one message.
    for (let from = 0; from < fileNames.length; from += 10) {
      const names = fileNames.slice(from, from + 10)
      await page.goto('/')
      await chat.message(page).waitFor()
      const files = names.map((name, at) =>
        at % 2 === 0
          ? { name, mimeType: 'text/html', buffer: Buffer.from(`${name}\n<script>window.__fired=1</script>`) }
          : { name, mimeType: 'image/png', buffer: pixel },
      )
      await page.locator('input[type=file]').setInputFiles(files)
      await attached.getByRole('listitem').nth(names.length - 1).waitFor()
      await page.getByRole('progressbar').first().waitFor({ state: 'detached' })
      await check(`names ${from} and more, beside the field`)
      await page.reload()
      await attached.getByRole('listitem').nth(names.length - 1).waitFor()
      await check(`names ${from} and more, in a draft`)

      set.teller.next('Seen.', quickly)
      await chat.ask(page, 'Look')
      const question = chat.questions(page).first()
      await check(`names ${from} and more, in a message`)
      const conversation = (await chat.address(page)).split('/').pop()
      for (const list of ['Files', 'Images']) {
        await question.getByRole('list', { name: list }).getByRole('button').first().click()
        const viewer = page.getByRole('dialog')
        await viewer.waitFor()
        for (let step = 0; step < 3; step += 1) {
          await complete(page)
          await check(`names ${from} and more, in full view`)
          await page.keyboard.press('ArrowRight')
        }
        await page.keyboard.press('Escape')
        await viewer.waitFor({ state: 'detached' })
      }
      const { token } = await api('POST', `/api/v1/conversations/${conversation}/share`)
      await page.goto(`/s/${token}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.getByRole('list', { name: 'Files' }).getByRole('button').first().click()
      await page.getByRole('dialog').waitFor()
      await complete(page)
      await check(`names ${from} and more, on a shared page`)
    }
    // What is refused is named as well.
    await page.goto('/')
    await chat.message(page).waitFor()
    const refused = { mimeType: 'application/octet-stream', buffer: Buffer.from([0, 1, 2, 255]) }
    await page.locator('input[type=file]').setInputFiles(fileNames.slice(0, 3).map((name) => ({ name, ...refused })))
    await attached.getByRole('alert').nth(2).waitFor()
    // The app hears of each refusal as an answer of the server, which a browser notes by itself.
    const noted = () => person.complaints.filter((one) => /status of 415/.test(one)).length
    await eventually(() => noted() === 3, 'the browser has noted them all')
    for (let at = person.complaints.length - 1; at >= 0; at -= 1) {
      if (/status of 415/.test(person.complaints[at])) person.complaints.splice(at, 1)
    }
    await check('names of what was refused')
  })
})

test('an address that holds words puts nothing into the page and sends nothing', async () => {
  const { page, spy, settled } = await reader()
  spy.forget()
  const asked = set.teller.asked.length
  for (const payload of ['<img src=x onerror=window.__fired=1>', 'javascript:window.__fired=1', 'hello']) {
    for (const path of [`/?q=${encodeURIComponent(payload)}`, `/#${payload}`, `/login?next=${payload}`]) {
      await page.goto(path)
      await page.getByRole('main').waitFor()
      await settled()
      assert.deepEqual(await spy.leftovers(), [], path)
    }
  }
  assert.equal(set.teller.asked.length, asked)
  assertQuiet(person, 'addresses')
})
