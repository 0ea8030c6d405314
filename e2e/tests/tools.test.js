// A tool that a model calls: its card while it works, what went in and came out, later and in what is taken along.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { assertClean } from '../lib/axe.js'
import * as chat from '../lib/chat.js'
import { stage } from '../lib/stage.js'

const { behaviour } = stage({ tools: ['fake'] })

const card = (page) => chat.answers(page).last().getByRole('group')

/** Makes the page hear no more of an answer behind the first event that holds `words`, until it is told to by `goOn()`. */
function holdBehind(words) {
  const { fetch } = globalThis
  const told = new Promise((resolve) => {
    globalThis.goOn = resolve
  })
  globalThis.fetch = async (...given) => {
    const response = await fetch(...given)
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response
    let rest = ''
    const byEvent = new TransformStream({
      async transform(text, out) {
        const events = (rest + text).split('\n\n')
        rest = events.pop()
        for (const event of events) {
          out.enqueue(`${event}\n\n`)
          if (event.includes(words)) await told
        }
      },
    })
    const text = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(byEvent)
    return new Response(text.pipeThrough(new TextEncoderStream()), response)
  }
}

/** Opens the card of a call, and reads what is in it. */
async function look(page, line, words) {
  assert.equal(await card(page).count(), 1)
  await card(page).getByText(line, { exact: true }).click()
  for (const [what, text] of words) {
    await card(page).getByRole('term').filter({ hasText: what }).waitFor()
    await card(page).getByRole('definition').filter({ hasText: text }).waitFor()
  }
}

behaviour('a call is shown while it works, can be opened, and is kept and taken along', async ({ page }) => {
  await page.addInitScript(holdBehind, '"running"')
  await page.reload()
  await chat.ready(page)
  await chat.send(page, 'Six times seven [toolcall=calculator args=6*7 lead=1 tokens=2]')
  await card(page).getByText('Using the calculator', { exact: true }).waitFor()
  await card(page).getByText('Using the calculator', { exact: true }).click()
  await card(page).getByText('"expression": "6*7"').waitFor()
  assert.equal(await card(page).getByText('Result').count(), 0, 'there is none yet')
  await chat.begun(page)
  await assertClean(page, 'a card of what works')
  await page.evaluate(() => globalThis.goOn())

  assert.match(await chat.settledText(page), /t00001[^]*Used the calculator[^]*t00001 t00002/i)
  assert.equal(await card(page).getAttribute('open'), '', 'it is open as it was left')
  await card(page).getByText('Result').waitFor()
  await assertClean(page, 'a card of what is done')

  await page.reload()
  await chat.ready(page)
  await chat.settledText(page)
  await look(page, 'Used the calculator', [
    ['Input', '"expression": "6*7"'],
    ['Result', /^42$/],
  ])

  await chat.button(page, 'More').click()
  const exported = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'Export as Markdown' }).click()
  const markdown = await readFile(await (await exported).path(), 'utf8')
  for (const part of ['> **Tool** `calculator` (completed)', '> {"expression":"6*7"}', '> 42', 't00001 t00002'])
    assert.ok(markdown.includes(part), `${part}: ${markdown}`)
})

behaviour('a call that fails says what went wrong, and the answer goes on', async ({ page }) => {
  assert.match(await chat.ask(page, 'One by zero [toolcall=calculator args=1/0 tokens=2]'), /t00002/)
  await look(page, 'the calculator did not work', [
    ['Input', '"expression": "1/0"'],
    ['What went wrong', /zero/],
  ])
  await assertClean(page, 'a card of what failed')
})
