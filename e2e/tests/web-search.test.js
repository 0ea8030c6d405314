// Answers that lean on the web: the globe, what is said meanwhile, numbers that open sources, live and after a reload.

import assert from 'node:assert/strict'
import { assertClean } from '../lib/axe.js'
import * as chat from '../lib/chat.js'
import { stage } from '../lib/stage.js'

const { behaviour } = stage({ tells: true, searches: true })

const said = 'It is **31 m** high [1], and the sea is wide [2]. Not `a[1]` and not [7].'
const globe = (page) => chat.button(page, 'Web')
const panel = (page) => page.getByRole('dialog', { name: 'Sources' })
const isOn = (page) => globe(page).getAttribute('aria-pressed')

async function look(page, web) {
  const answer = chat.answers(page).last()
  await answer.getByText('Searched the web').waitFor()
  assert.match(await answer.innerText(), /Not a\[1\] and not \[7\]\./)
  await chat.button(answer, 'Source 2: The sea <b>').click()
  const link = panel(page).getByRole('link', { name: 'Source 2: The sea <b>' })
  await link.waitFor()
  assert.ok(await chat.isFocused(link), 'the number opens its own source')
  assert.equal(await link.getAttribute('href'), web.url('/sea'))
  assert.match(await link.getAttribute('rel'), /noopener/)
  await panel(page).getByText('Water, as far as one sees').waitFor()
  await chat.button(answer, 'Source 1: The lighthouse').click()
  assert.ok(await chat.isFocused(panel(page).getByRole('link', { name: 'Source 1: The lighthouse' })))
  await chat.button(panel(page), 'Close').click()
  await panel(page).waitFor({ state: 'detached' })
}

behaviour('numbers in an answer open the sources that they stand for, live and after a reload', async (set) => {
  const { page, teller, web } = set
  assert.equal(await isOn(page), 'false')
  await globe(page).click()
  const open = web.holds()
  teller.next(said, { rate: 0, size: 7 })
  await chat.send(page, 'How high is the lighthouse tower?')
  await page.getByText('Searching the web…').waitFor()
  open()
  await chat.settledText(page)
  await look(page, web)
  const path = await chat.address(page)
  assert.equal(await isOn(page), 'true', 'the conversation remembers the choice')
  await page.reload()
  await chat.ready(page)
  await chat.settledText(page)
  await look(page, web)
  assert.equal(await isOn(page), 'true')

  // All of them, with what axe has to say of the panel.
  await chat.button(chat.answers(page).last(), '2 sources').click()
  await panel(page).waitFor()
  await assertClean(page, 'the sources')
  await page.keyboard.press('Escape')
  await panel(page).waitFor({ state: 'detached' })

  await chat.newChat(page)
  assert.equal(await isOn(page), 'false', 'another chat is another choice')
  assert.ok(path)
})

behaviour('a search that fails is said, and the answer is there without it', async ({ page, teller, web }) => {
  web.fails = true
  try {
    await globe(page).click()
    teller.next('From memory: 31 m [1].', { rate: 0 })
    await chat.ask(page, 'And the height of it?')
    const answer = chat.answers(page).last()
    await answer.getByText('The search failed. Answered without it.').waitFor()
    assert.match(await answer.innerText(), /From memory: 31 m \[1\]\./)
    assert.equal(await answer.getByRole('button', { name: /source/ }).count(), 0)
  } finally {
    web.fails = false
  }
})

behaviour(
  'on a phone the sources are a sheet',
  async ({ page, teller }) => {
    await globe(page).click()
    teller.next(said, { rate: 0 })
    await chat.ask(page, 'How high is that lighthouse tower?')
    await chat.button(chat.answers(page).last(), 'Source 1: The lighthouse').click()
    await panel(page).waitFor()
    const box = await panel(page).boundingBox()
    const { width, height } = page.viewportSize()
    assert.ok(box.width === width && Math.abs(box.y + box.height - height) < 2, JSON.stringify(box))
    await chat.button(panel(page), 'Close').click()
    await panel(page).waitFor({ state: 'detached' })
  },
  { options: { viewport: { width: 360, height: 740 } } },
)
