// The first ten minutes, 19 to 24: reading.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { LAN, openPage, picturing } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { drawn } from '../lib/detector.js'
import { at } from '../lib/frames.js'
import { assertQuick, counted, eventually, isFull, signUp, stage } from '../lib/stage.js'
import { gate } from '../lib/teller.js'

const { behaviour, set } = stage({ tells: true })

/** Numbered paragraphs, so that an answer soon fills more than the screen. */
const paragraphs = (count) =>
  Array.from({ length: count }, (_, at) => `t${String(at + 1).padStart(5, '0')} and a few more words.`).join('\n\n')

/** So much that it is still being written when a slow machine has looked at it. */
const long = () => ({ text: paragraphs(9_000), pace: { rate: 60, size: 17 } })

async function tell(page, teller, { text, pace }) {
  teller.next(text, pace)
  await chat.send(page, 'Tell')
}

async function overflow(page) {
  await eventually(
    () => chat.scroller(page).evaluate((box) => box.scrollHeight - box.clientHeight > 700),
    'more than a screen of text',
    180_000,
  )
}

const jumpToLatest = (page) => page.getByRole('button', { name: /^Jump to latest/ })

/** Turns the wheel up, away from the end. */
async function wheel(page, by) {
  const box = await chat.scroller(page).boundingBox()
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  // At the end there is none.
  await jumpToLatest(page).waitFor({ state: 'detached' })
  await page.mouse.wheel(0, by)
  // Text that arrives moves it as well, but not away from the end.
  await jumpToLatest(page).waitFor()
  await eventually(() => rests(page), 'the wheel has come to rest')
}

/** Whether the position stays for twenty frames, however long those take. */
const rests = (page) =>
  chat.scroller(page).evaluate(async (box) => {
    const before = box.scrollTop
    for (let frame = 0; frame < 20; frame += 1) {
      await new Promise(requestAnimationFrame)
      if (box.scrollTop !== before) return false
    }
    return true
  })

/** Looks for three seconds whether the position stays; if `growing`, for as long as it takes until text has arrived too. */
async function assertStill(page, growing = false) {
  const { top, worst, grown } = await chat.scroller(page).evaluate(async (box, growing) => {
    const top = box.scrollTop
    const length = box.textContent.length
    const begun = performance.now()
    const isGrown = () => box.textContent.length > length
    let worst = 0
    for (let took = 0; took < 3_000 || (growing && !isGrown() && took < 60_000); took = performance.now() - begun) {
      await new Promise(requestAnimationFrame)
      worst = Math.max(worst, Math.abs(box.scrollTop - top))
    }
    return { top, worst, grown: isGrown() }
  }, growing)
  assert.ok(worst <= 2, `it moved by ${worst} px from ${top}`)
  assert.ok(grown || !growing, 'and text arrived meanwhile')
}

behaviour('19. follow while at the bottom, let go when the reader scrolls up', async ({ page, teller }) => {
  await tell(page, teller, long())
  await overflow(page)
  const distances = await chat.distancesToEnd(page, 10)
  assert.ok(Math.max(...distances) <= 80, `the end is in sight: ${distances}`)
  await wheel(page, -300)
  await assertStill(page, true)
  await chat.button(page, 'Stop').click()
  await chat.settledText(page)

  // The same while a model thinks, and as its thinking ends.
  const thoughts = Array.from({ length: 250 }, (_, at) => `step ${at} of many`).join('\n')
  const { open, opened } = gate()
  await tell(page, teller, { text: paragraphs(5_000), pace: { rate: 60, size: 10, reasoning: thoughts, until: opened } })
  const answer = chat.answers(page).last()
  await answer.getByRole('button', { name: /^Thinking/ }).click()
  await answer.getByText('step 5 of many').waitFor()
  await wheel(page, -300)
  const position = await chat.scrollTop(page)
  open()
  await answer.getByRole('button', { name: /^Thought/ }).waitFor()
  assert.ok(Math.abs((await chat.scrollTop(page)) - position) <= 2, 'it stays as the thinking ends')
  await assertStill(page)

  // And as what was thought is folded: what is above it stays where it is, and so does its line.
  const thought = answer.getByRole('button', { name: /^Thought/ })
  await chat.scroller(page).evaluate((box, head) => (box.scrollTop += head.getBoundingClientRect().top - 200), await thought.elementHandle())
  const height = (await answer.getByText('step 5 of many').boundingBox()).height
  await eventually(async () => (await chat.distanceToEnd(page)) > height + 300, 'text below', 180_000)
  await eventually(() => rests(page), 'it rests')
  const [top, place] = [await chat.scrollTop(page), (await thought.boundingBox()).y]
  await thought.click()
  await answer.getByText('step 5 of many').waitFor({ state: 'detached' })
  assert.ok(Math.abs((await chat.scrollTop(page)) - top) <= 2, 'it stays as the thoughts are folded')
  assert.ok(Math.abs((await thought.boundingBox()).y - place) <= 2, 'and the line with them')
  await assertStill(page)
  await chat.button(page, 'Stop').click()
  await chat.settledText(page)
})

behaviour('20. a button jumps to the bottom, shows that text arrives, and follows again', async ({ page, teller }) => {
  await tell(page, teller, long())
  await overflow(page)
  const jump = jumpToLatest(page)
  await wheel(page, -400)
  assert.equal(await jump.getAttribute('aria-label'), 'Jump to latest, new text')
  await jump.click()
  await jump.waitFor({ state: 'detached' })
  await eventually(async () => (await chat.distanceToEnd(page)) <= 2, 'the end')
  const before = chat.tokens(await chat.answers(page).last().innerText()).length
  const distances = await chat.distancesToEnd(page, 20)
  assert.ok(Math.max(...distances) <= 80, `it follows again: ${distances}`)
  assert.ok(chat.tokens(await chat.answers(page).last().innerText()).length > before)
  await chat.button(page, 'Stop').click()
  await chat.settledText(page)
  await wheel(page, -400)
  assert.equal(await jump.getAttribute('aria-label'), 'Jump to latest', 'nothing arrives any more')
})

behaviour('21. the scroll position is kept when switching chats and going back', async ({ page, teller }) => {
  const addresses = []
  for (const _ of [1, 2]) {
    teller.next(paragraphs(80), { rate: 0, size: 400 })
    await chat.ask(page, 'Tell')
    addresses.push(await chat.address(page))
    await chat.newChat(page)
  }
  const [first, second] = addresses
  const visit = async (path) => {
    await chat.open(page, path)
    await eventually(() => rests(page), 'it rests')
  }
  const goBack = async (path) => {
    await page.goBack()
    await chat.opened(page, path)
    await eventually(() => rests(page), 'it rests')
  }
  await page.reload()
  await chat.ready(page)
  await page.evaluate(() => {
    window.distances = []
    const look = () => {
      const box = document.querySelector('[role="log"]')?.parentElement
      if (box?.textContent.includes('t00080')) {
        // As the frame is painted: the newest observer is told after all that the page has, which may scroll.
        const watcher = new ResizeObserver(() => {
          watcher.disconnect()
          window.distances.push(box.scrollHeight - box.clientHeight - box.scrollTop)
        })
        watcher.observe(box.firstElementChild)
      }
      requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
  await visit(first)
  const distances = await page.evaluate(() => window.distances)
  assert.ok(distances.length > 3 && Math.max(...distances) <= 2, `it opens at its end: ${distances.slice(0, 9)}`)

  await wheel(page, -600)
  const kept = await chat.scrollTop(page)
  await visit(second)
  assert.ok((await chat.distanceToEnd(page)) <= 2)
  await visit(first)
  assert.ok(Math.abs((await chat.scrollTop(page)) - kept) <= 2, `${await chat.scrollTop(page)}, not ${kept}`)
  await goBack(second)
  assert.ok((await chat.distanceToEnd(page)) <= 2)
  await goBack(first)
  assert.ok(
    Math.abs((await chat.scrollTop(page)) - kept) <= 2,
    `${await chat.scrollTop(page)}, not ${kept}, after back`,
  )
})

const code =
  'def greet(name):\n\tif name:  # tabs and "quotes" & <signs>\n\t\treturn f"Hello, {name}"\n\n    # four spaces\n'

test('22. a code block has its language, steady colours, and a copy of the exact source over plain HTTP', async () => {
  const { browser, programs, teller } = set
  // The first account is made on the machine itself.
  const { page: local } = await openPage(browser, programs.url)
  await signUp(local.context())
  await local.context().close()
  const { page, complaints } = await openPage(browser, programs.url.replace('127.0.0.1', LAN))
  await picturing(page, '22-copy', async () => {
    await chat.register(page, { name: 'lan', email: 'lan@example.org', password: 'correct horse battery' })
    assert.equal(await page.evaluate(() => isSecureContext), false)
    const other = '```js\nconst other = 1 // the other\n```'
    const { open, opened } = gate()
    const text = `Here:\n\n\`\`\`python\n${code}\`\`\`\n\nThen:\n\n${other}\n\nThat is all.\n\n${paragraphs(30)}`
    teller.next(text, { rate: 60, size: 3, behind: 'return f"Hel', until: opened })
    await chat.send(page, 'Show me')
    const answer = chat.answers(page).last()
    const pre = answer.locator('pre').first()
    await pre.waitFor()
    await pre.evaluate((node) => (node.isTheFirst = true))
    await pre.locator('.code-keyword', { hasText: 'def' }).waitFor()
    assert.equal(await answer.getAttribute('aria-busy'), 'true', 'colours come while it grows')
    // A word that has its colour keeps it, whatever comes behind it.
    await pre.evaluate((node) => {
      window.faded = []
      const coloured = () => [...node.querySelectorAll('[class^="code-"]')].map((one) => `${one.className} ${one.textContent}`)
      let before = coloured()
      new MutationObserver(() => {
        const now = coloured()
        if (before.some((word, at) => word !== now[at])) window.faded.push([before, now])
        before = now
      }).observe(node, { childList: true, subtree: true, characterData: true, attributes: true })
    })
    open()
    await chat.settledText(page)
    assert.deepEqual(await page.evaluate(() => window.faded), [], 'colours stay')
    assert.ok(await pre.evaluate((node) => node.isTheFirst), 'it is never drawn anew')
    await answer.locator('figcaption').getByText('python', { exact: true }).waitFor()
    await answer.locator('figcaption').getByText('js', { exact: true }).waitFor()
    assert.equal(await chat.button(answer, 'Copy code').count(), 2, 'each block has its button')
    await chat.button(answer, 'Copy code').first().click()
    await page.getByRole('status').getByText('Copied').waitFor()
    await chat.message(page).focus()
    await page.keyboard.press('Control+V')
    const source = code.replace(/\n$/, '')
    await eventually(async () => (await chat.message(page).inputValue()) === source, 'the exact source')
    await chat.message(page).fill('')
  })
  await page.context().close()
  assert.deepEqual(complaints, [])
})

behaviour('22. each code block gives its own exact source to the clipboard', async ({ page, context, teller }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const sources = [code.replace(/\n$/, ''), 'const tick = `\\t` // the other\n\n\n\tlast', 'no language at all']
  const [first, second, third] = sources
  const text = ['```python', first, '```\n\nThen:\n\n~~~js', second, '~~~\n\n```', third, '```'].join('\n')
  teller.next(text, { rate: 0, size: 400 })
  await chat.ask(page, 'Show me')
  const answer = chat.answers(page).last()
  for (const [at, source] of sources.entries()) {
    const block = answer.locator('figure').nth(at)
    // It is said in the button for two seconds.
    await Promise.all([
      chat.button(block, 'Copy code').locator('.text-ok').waitFor(),
      chat.button(block, 'Copy code').click(),
    ])
    await page.getByRole('status').getByText('Copied').waitFor()
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), source)
  }
})

const rich = [
  '# A heading\n\nSome **bold words**, `code`, *emphasis* and a [link](https://example.org/a_b).',
  'An inline formula $a^2+b^2=c^2$ and one alone:\n\n$$\n\\frac{-b \\pm \\sqrt{b^2-4ac}}{2a}\n$$',
  `| ${Array.from({ length: 14 }, (_, at) => `column number ${at}`).join(' | ')} |`,
].join('\n\n')
const table = `${rich}\n|${'---|'.repeat(14)}\n|${'a cell of text |'.repeat(14)}\n|${'`b` |'.repeat(14)}`
const nasty = [
  'Danger:',
  '<script>window.pwned = 1</script>',
  '<img src="x" onerror="window.pwned = 2">',
  '[click me](javascript:window.pwned=3)',
  '![picture](data:text/html,<script>window.pwned=4</script>)',
  '<a href="javascript:window.pwned=5">and me</a>',
  '<svg onload="window.pwned=6"><iframe srcdoc="<script>parent.pwned=7</script>"></iframe></svg>',
  '$\\href{javascript:window.pwned=8}{x}$',
].join('\n\n')

behaviour('23. markdown, tables, formulas and diagrams render, never flash raw, and run nothing', async ({ page, teller }) => {
  await page.evaluate(() => {
    window.flashes = []
    new MutationObserver(() => {
      const prose = document.querySelector('article[aria-label="Assistant"] .prose-answer')
      if (!prose || prose.classList.contains('invisible')) return
      const copy = prose.cloneNode(true)
      for (const hidden of copy.querySelectorAll('.katex-mathml, .invisible')) hidden.remove()
      const raw = /\*\*|```|\$|\\frac|\\sqrt|\|\s*-|\|$|\]\(|\[link|^#/m.exec(copy.textContent)
      if (raw) window.flashes.push(copy.textContent.slice(Math.max(0, raw.index - 40), raw.index + 40))
    }).observe(document.body, { childList: true, subtree: true, characterData: true })
  })
  const fences = '```js\nconst a = 1\n```\n\n```mermaid\nflowchart LR\n  A --> B\n```'
  teller.next(`${table}\n\nAnd code:\n\n${fences}\n\nThe end.`, { rate: 80, size: 3 })
  await chat.send(page, 'Show me')
  await chat.settledText(page)
  assert.deepEqual(await page.evaluate(() => window.flashes), [])
  const answer = chat.answers(page).last()
  await answer.getByRole('heading', { name: 'A heading' }).waitFor()
  await answer.getByRole('link', { name: 'link' }).waitFor()
  assert.equal(await answer.locator('strong').innerText(), 'bold words')
  assert.equal(await answer.locator('.katex').count(), 2)
  assert.equal(await answer.locator('.katex-display .mfrac').count(), 1)
  const diagram = answer.locator('figure').last().getByRole('img')
  await eventually(() => diagram.evaluate((node) => node.complete && node.naturalWidth > 10), 'the diagram is drawn')
  const region = answer.getByRole('region', { name: 'Table' })
  const [inner, outer] = await region.evaluate((node) => [node.scrollWidth, node.clientWidth])
  assert.ok(inner > outer, 'the wide table scrolls inside')
  assert.equal(
    await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    0,
    'and not the page',
  )

  teller.next(nasty, { rate: 0, size: 50 })
  await chat.ask(page, 'And now?')
  const last = chat.answers(page).last()
  for (const link of await last.getByRole('link').all()) assert.match(await link.getAttribute('href'), /^https?:/)
  assert.equal(await last.locator('script, iframe, svg [onload], img[src="x"]').count(), 0)
  await last.getByText('click me').click()
  await sleep(300)
  assert.equal(await page.evaluate(() => window.pwned), undefined)
}, { options: { patient: true } })

/** The 2,000 messages are half as many turns; asking for them takes the time of this test, so only a full run has them all. */
const turns = isFull ? 1000 : 200

behaviour(
  `24. a chat of ${counted(2 * turns)} messages opens at its end, types smoothly, and reaches its oldest`,
  async ({ page, context }) => {
    const first = 'the oldest message of them all speaks of xylophones'
    let conversation
    for (let at = 0; at < turns; at += 1) {
      const answer = await context.request.post('/api/v1/chat/simple', {
        data: {
          message: at === 0 ? first : `question ${at}`,
          ...(conversation ? { conversation_id: conversation } : {}),
        },
      })
      assert.ok(answer.ok(), await answer.text())
      conversation ??= (await answer.json()).conversation_id
    }
    const link = chat.conversations(page).locator(`a[href="/c/${conversation}"]`)
    const open = async () => {
      await page.goto('/')
      await chat.ready(page)
      await link.waitFor()
      const begun = performance.now()
      await link.click()
      await chat
        .questions(page)
        .getByText(`question ${turns - 1}`)
        .waitFor()
      return performance.now() - begun
    }
    await assertQuick(open, 1000, 'opening it')
    await eventually(async () => (await chat.distanceToEnd(page)) <= 2, 'its end')

    await page.evaluate(() => {
      document.querySelector('#composer').addEventListener('keydown', () => {
        const at = performance.now()
        requestAnimationFrame(() => setTimeout(() => window.took.push(performance.now() - at)))
      })
    })
    const words = 'typing in a long conversation'
    const type = async () => {
      await page.evaluate(() => (window.took = []))
      await chat.message(page).pressSequentially(words, { delay: 30 })
      await page.waitForFunction((count) => window.took.length === count, words.length)
      await chat.message(page).fill('')
      return at(await page.evaluate(() => window.took), 0.95)
    }
    await assertQuick(type, 50, 'a key, 95 of 100')

    // Reading back to the oldest, by the search: what is far away costs next to nothing.
    const nodes = async () => {
      await drawn(page)
      return page.evaluate(() => document.querySelectorAll('*').length)
    }
    const counts = []
    await page.keyboard.press('Control+k')
    await page.getByRole('searchbox').fill('xylophones')
    await page.getByRole('option').filter({ hasText: 'xylophones' }).first().click()
    const oldest = chat.questions(page).getByText(first)
    for (let look = 0; !(await oldest.isVisible()); look += 1) {
      assert.ok(look < 400, 'the oldest message is reached')
      counts.push(await nodes())
      await sleep(150)
    }
    await eventually(async () => {
      const box = await oldest.boundingBox()
      return box && box.y >= 0 && box.y < page.viewportSize().height
    }, 'it is in sight')
    await sleep(500)
    counts.push(await nodes())
    assert.ok(Math.max(...counts) < 6_000, `the page holds ${Math.max(...counts)} nodes`)

    // Through all of it and back, again and again: what the page holds levels off.
    const heaps = []
    for (let time = 0; time < 3; time += 1) {
      await readThrough(page)
      await drawn(page)
      heaps.push(await heapOf(page))
    }
    const [once, twice, thrice] = heaps
    const said = heaps.map((heap) => heap.toFixed(1)).join(', ')
    assert.ok(thrice - twice < Math.max(1, 0.05 * once), `it goes on growing: ${said} MB`)
    assert.ok(thrice < 100, `it is much: ${said} MB`)
  },
)

/** A screen at a time from the top to the end of what is held. */
const readThrough = (page) =>
  chat.scroller(page).evaluate(async (box) => {
    box.scrollTop = 0
    for (let last = -1; box.scrollTop !== last; ) {
      last = box.scrollTop
      box.scrollTop += box.clientHeight * 4
      await new Promise((resolve) => setTimeout(resolve, 40))
    }
  })

/** Megabytes of JavaScript that are in use once everything else is collected. */
async function heapOf(page) {
  const line = await page.context().newCDPSession(page)
  await line.send('HeapProfiler.enable')
  await line.send('HeapProfiler.collectGarbage')
  const { usedSize } = await line.send('Runtime.getHeapUsage')
  await line.detach()
  return usedSize / 1_000_000
}

behaviour(
  'for who wants little motion an answer lands in whole sentences',
  async ({ page, teller }) => {
    const told = 'The heron waits in the reeds. It does not move at all! Then it is gone. Nobody has seen it go.'
    teller.next(told, { rate: 40, size: 2 })
    await page.evaluate(() => {
      globalThis.seen = new Set()
      const look = () => globalThis.seen.add(document.querySelector('article .prose-answer')?.textContent.trim() ?? '')
      new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true })
    })
    await chat.ask(page, 'Tell me of the heron')
    const seen = (await page.evaluate(() => [...globalThis.seen])).filter(Boolean)
    assert.ok(seen.length > 1, 'it grew')
    for (const text of seen) assert.match(text, /[.!]$/)
    assert.equal(seen.at(-1), told)
  },
  { options: { reducedMotion: 'reduce' } },
)

behaviour('the keyboard skips to the message field and to the messages', async ({ page, teller }) => {
  teller.next('Here it is.')
  await chat.ask(page, 'Where is it?')
  const address = page.url()
  const skip = (name) => page.getByRole('link', { name, exact: true })
  await skip('Skip to the message field').focus()
  await page.keyboard.press('Tab')
  await eventually(() => chat.isFocused(skip('Skip to the messages')), 'the second is the next')
  await page.keyboard.press('Enter')
  const log = page.getByRole('log')
  await eventually(() => chat.isFocused(log), 'the focus is at the messages')
  await page.keyboard.press('Tab')
  assert.ok(await log.evaluate((node) => node.contains(document.activeElement)), 'what comes next is in a message')
  await skip('Skip to the message field').focus()
  await page.keyboard.press('Enter')
  await eventually(() => chat.isFocused(chat.message(page)), 'the focus is in the field')
  assert.equal(page.url(), address)
})
