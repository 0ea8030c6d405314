// Long answers, long conversations and long lists: what they cost the page.

import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { judgeTimes } from '../lib/budgets.js'
import * as chat from '../lib/chat.js'
import { drawn } from '../lib/detector.js'
import { at, slowDown, watchFrames } from '../lib/frames.js'
import { counted, isFull, stage } from '../lib/stage.js'
import { gate } from '../lib/teller.js'

const { behaviour } = stage({ tells: true })

/** About four characters a token, in paragraphs, lists, tables and code as models write them. */
function longText(tokens) {
  const words = 'the quick brown fox jumps over the lazy dog and then sleeps in the warm sun of a long afternoon'.split(' ')
  const sentence = (from) => words.map((_, at) => words[(at * 7 + from) % words.length]).join(' ')
  const kinds = [
    (n) => `## Part ${n}\n\n${sentence(n)}. **${sentence(n + 1)}**. ${sentence(n + 2)}.\n\n`,
    (n) => `${[1, 2, 3, 4].map((at) => `- ${sentence(n + at).slice(0, 60)}`).join('\n')}\n\n`,
    (n) => `| name | \`value\` |\n| --- | --- |\n${[1, 2, 3].map((at) => `| ${words[at]} | ${n * at} |`).join('\n')}\n\n`,
    (n) => `\`\`\`js\nfunction part${n}(value) {\n  // ${sentence(n).slice(0, 40)}\n  return value * ${n}\n}\n\`\`\`\n\n`,
  ]
  let text = ''
  for (let n = 0; text.length < tokens * 4; n += 1) text += kinds[n % kinds.length](n)
  return text.slice(0, tokens * 4)
}

const timed = true

// The whole takes 200 s: the normal run is given the first nine tenths at once and measures some of what follows.
const measured = isFull ? 10_000 : 12_000
const before = isFull ? 10_000 : 18_000

/** Begins the answer; when this returns, what comes first is drawn, and the rest arrives. */
async function tellLong(page, teller, before, { ahead }) {
  const { open, opened } = gate()
  const rest = ahead ? { ahead: before * 4, until: opened } : {}
  teller.next(longText(before + measured), { size: 4, rate: 100, ...rest })
  await chat.send(page, 'Write a book')
  // Marks of markdown are not drawn.
  while ((await lengthOf(page)) < before * 4 * 0.8) await sleep(200)
  open()
  await sleep(1_000)
}

const lengthOf = (page) =>
  chat
    .answers(page)
    .last()
    .evaluate((node) => node.textContent.length)

/** What so many seconds of it cost. */
async function measureGrowth(page, seconds) {
  const stop = await watchFrames(page)
  const begun = performance.now()
  const from = await lengthOf(page)
  await sleep(seconds * 1000)
  const grown = (await lengthOf(page)) - from
  const { frames, tasks, script } = await stop()
  const took = (performance.now() - begun) / 1000
  return {
    took,
    tasks,
    frames,
    script: script / (took * 100),
    rate: frames.length / took,
    blocking: tasks.reduce((sum, task) => sum + task - 50, 0) / took,
    grown: grown / took,
  }
}

behaviour('the end of an answer of 20,000 tokens costs no more than its beginning', async ({ page, teller }) => {
  await tellLong(page, teller, before, { ahead: !isFull })
  // Other programs on the machine take from the frames, so those stop nothing but a full run.
  await judgeTimes(`Streaming 100 tokens a second behind ${before} tokens`, async () => {
    const { tasks, frames, script, rate, grown } = await measureGrowth(page, isFull ? 60 : 8)
    return [
      { what: 'long tasks', is: tasks.length, aim: 0, stop: isFull ? 0 : 10, timed },
      { what: 'longest task, ms', is: Math.max(0, ...tasks), aim: 50, stop: isFull ? 50 : 500, timed },
      { what: 'script a token, ms', is: script, aim: 1.5, stop: isFull ? 3 : 7.5, timed },
      { what: 'frames a second', is: rate, aim: 60, stop: isFull ? 55 : 30, atLeast: true, timed },
      { what: 'frame, 99 of 100, ms', is: at(frames, 0.99), aim: 25, stop: isFull ? 50 : 250, timed },
      { what: 'characters drawn a second, of 400', is: grown, aim: 330, stop: isFull ? 300 : 150, atLeast: true, timed },
    ]
  })
  await chat.button(page, 'Stop').click()
})

behaviour('the end of a long answer stays smooth on a processor four times slower', async ({ page, teller }) => {
  await tellLong(page, teller, 18_000, { ahead: true })
  await judgeTimes('Streaming 100 tokens a second behind 18000 tokens, 4 times slower', async () => {
    const end = await slowDown(page, 4)
    await sleep(2_000)
    const { tasks, frames, script, rate, blocking, grown } = await measureGrowth(page, isFull ? 15 : 5)
    await end()
    return [
      { what: 'frames a second', is: rate, aim: 55, stop: isFull ? 50 : 10, atLeast: true, timed },
      { what: 'blocking a second, ms', is: blocking, aim: 15, stop: isFull ? 15 : 500, timed },
      { what: 'longest task, ms', is: Math.max(0, ...tasks), aim: 50, stop: Number.POSITIVE_INFINITY },
      { what: 'script a token, ms', is: script, aim: 6, stop: Number.POSITIVE_INFINITY },
      { what: 'frame, 99 of 100, ms', is: at(frames, 0.99), aim: 50, stop: Number.POSITIVE_INFINITY },
      { what: 'characters drawn a second, of 400', is: grown, aim: 330, stop: isFull ? 300 : 50, atLeast: true, timed },
    ]
  })
  await chat.button(page, 'Stop').click()
})

const turns = isFull ? 2_500 : 150

behaviour(`a conversation of ${counted(2 * turns)} messages opens at once and is typed in without a wait`, async ({ page, context, teller }) => {
  let conversation
  for (let turn = 0; turn < turns; turn += 1) {
    teller.next(`Answer ${turn}, with a **word** and some text that goes on for a line or two in order to have a height.`, { rate: 0, size: 200 })
    const answer = await context.request.post('/api/v1/chat/simple', {
      data: { message: `question ${turn}`, ...(conversation ? { conversation_id: conversation } : {}) },
    })
    assert.ok(answer.ok(), await answer.text())
    conversation ??= (await answer.json()).conversation_id
  }
  const room = isFull ? 1 : 5
  await judgeTimes(`A conversation of ${turns * 2} messages`, async () => {
    const { opening, nodes, shown, frames, keys } = await readAndType(page, conversation)
    return [
      { what: 'opening, ms', is: opening, aim: 500, stop: 900 * room, timed },
      { what: 'nodes of the list when opened', is: nodes, aim: 600, stop: 1_200 },
      { what: 'messages drawn after scrolling up', is: shown, aim: 60, stop: 120 },
      { what: 'frame while scrolling, 99 of 100, ms', is: at(frames, 0.99), aim: 25, stop: 40 * room, timed },
      { what: 'a key, 95 of 100, ms', is: at(keys, 0.95), aim: 50, stop: 50 * room, timed },
    ]
  })
})

/** Opens the conversation, reads back in it, and types. */
async function readAndType(page, conversation) {
  await page.goto('/')
  await chat.ready(page)
  const link = chat.conversations(page).locator(`a[href="/c/${conversation}"]`)
  await link.waitFor()
  await sleep(1_000)
  const opening = await page.evaluate(
    ([path, last]) =>
      new Promise((resolve) => {
        const begun = performance.now()
        const look = () => {
          const shown = [...document.querySelectorAll('article')].some((one) => one.textContent.includes(last))
          if (shown) requestAnimationFrame(() => resolve(performance.now() - begun))
          else requestAnimationFrame(look)
        }
        document.querySelector(`nav a[href="${path}"]`).click()
        look()
      }),
    [`/c/${conversation}`, `question ${turns - 1}`],
  )
  await drawn(page)
  const nodes = await page.evaluate(() => document.querySelectorAll('[role="log"] *').length)

  // Twenty pages further up, as somebody who scrolls there.
  for (let step = 0; step < 20; step += 1) {
    await chat.scroller(page).evaluate((box) => box.scrollTo(0, 0))
    await sleep(100)
  }
  const stop = await watchFrames(page)
  await page.mouse.move(700, 400)
  for (let step = 0; step < 60; step += 1) {
    await page.mouse.wheel(0, step < 30 ? -400 : 400)
    await sleep(30)
  }
  const { frames } = await stop()
  await drawn(page)
  const shown = await page.evaluate(() => document.querySelectorAll('[role="log"] article').length)

  await chat.message(page).click()
  await page.evaluate(() => {
    globalThis.took = []
    document.querySelector('#composer').addEventListener('keydown', () => {
      const from = performance.now()
      requestAnimationFrame(() => setTimeout(() => globalThis.took.push(performance.now() - from)))
    })
  })
  const words = 'typing in a long conversation'
  await chat.message(page).pressSequentially(words, { delay: 40 })
  await page.waitForFunction((count) => globalThis.took.length >= count, words.length)
  const keys = await page.evaluate(() => globalThis.took)
  await chat.message(page).fill('')
  return { opening, nodes, shown, frames, keys }
}

const listed = isFull ? 10_000 : 400

behaviour(`a sidebar of ${counted(listed)} conversations is read page by page and stays light`, async ({ page, context }) => {
  for (let made = 0; made < listed; made += 20) {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        context.request.post('/api/v1/conversations', { data: { title: `Talk ${made + index}` } }),
      ),
    )
    for (const answer of answers) assert.ok(answer.ok(), await answer.text())
  }
  await page.goto('/')
  const list = chat.conversations(page)
  await list.getByRole('link', { name: `Talk ${listed - 1}`, exact: true }).waitFor()
  const box = list.locator('.scroll-area')
  const last = list.getByRole('link', { name: 'Talk 0', exact: true })
  const deadline = performance.now() + (isFull ? 150_000 : 120_000)
  while ((await last.count()) === 0 && performance.now() < deadline) {
    await box.evaluate((node) => node.scrollTo(0, node.scrollHeight))
    await sleep(30)
  }
  assert.equal(await last.count(), 1, 'the oldest was reached')
  const room = isFull ? 1 : 5
  await judgeTimes(`A sidebar of ${listed} conversations`, async () => {
    await box.evaluate((node) => node.scrollTo(0, node.scrollHeight))
    const stop = await watchFrames(page)
    await box.hover()
    for (let step = 0; step < 60; step += 1) {
      await page.mouse.wheel(0, step < 30 ? -600 : 600)
      await sleep(30)
    }
    const { frames } = await stop()
    await box.evaluate((node) => node.scrollTo(0, 0))
    await list.getByRole('link', { name: `Talk ${listed - 1}`, exact: true }).waitFor()
    await drawn(page)
    const rows = await list.locator('li').evaluateAll((nodes) => nodes.filter((node) => node.childElementCount > 0).length)
    return [
      { what: 'rows drawn', is: rows, aim: 150, stop: 300 },
      { what: 'frame while scrolling, 99 of 100, ms', is: at(frames, 0.99), aim: 25, stop: 40 * room, timed },
    ]
  })
})
