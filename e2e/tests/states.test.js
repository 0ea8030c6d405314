// No state that a screen comes into breaks a rule of axe: what fails, waits, asks, or is lost.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertClean, looks } from '../lib/axe.js'
import { hearsNews, openPage, picturing } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { signUp, stage } from '../lib/stage.js'

const { set } = stage({ vision: ['fake'] })
const quick = '[tokens=3 rate=100]'
const password = 'correct horse battery'

/** A picture of one colour, as a browser saves it. */
async function picture(page) {
  const drawn = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 40 })
    canvas.getContext('2d').fillRect(4, 4, 56, 32)
    return canvas.toDataURL('image/png').split(',')[1]
  })
  return { name: 'dark.png', mimeType: 'image/png', buffer: Buffer.from(drawn, 'base64') }
}

const closed = (dialog) => dialog.waitFor({ state: 'detached' })

async function assertAnswers(page) {
  await chat.send(page, `fails [tokens=12 cut=7 rate=100]`)
  await chat.answers(page).last().getByRole('alert').waitFor({ timeout: 180_000 })
  await assertClean(page, 'an answer that failed')
  await chat.newChat(page)
  await chat.send(page, 'counts [tokens=12000 rate=20]')
  await chat.waitForText(page, 't00005')
  await chat.message(page).fill('and then')
  await chat.button(page, 'Send').click()
  const remove = chat.button(page, 'Remove the follow-up')
  await remove.waitFor()
  await assertClean(page, 'a follow-up that waits')
  await remove.click()
  await chat.button(page, 'Stop').click()
  await chat.answers(page).last().getByText('Stopped', { exact: true }).waitFor()
  await assertClean(page, 'an answer that was stopped')
}

async function assertFiles(page) {
  await chat.newChat(page)
  await page
    .locator('input[type=file]')
    .setInputFiles([
      await picture(page),
      { name: 'birds.csv', mimeType: 'text/csv', buffer: Buffer.from('bird,legs\nheron,2\n') },
      { name: 'some.bin', mimeType: 'application/octet-stream', buffer: Buffer.from([0, 255, 0, 254, 0, 1]) },
    ])
  const attached = page.getByRole('list', { name: 'Attached files' })
  await attached.getByText('birds.csv').waitFor()
  await page.getByRole('progressbar').first().waitFor({ state: 'detached' })
  await assertClean(page, 'files before they are sent, and one that cannot be')
  await chat.button(attached, 'Remove some.bin').click()
  await chat.button(page, 'Send').and(page.locator(':enabled')).waitFor()
  await chat.send(page, `look ${quick}`)
  await chat.settledText(page)
  await assertClean(page, 'a message with files')
  for (const name of ['dark.png', 'birds.csv']) {
    await chat.button(page, `Open ${name}`).click()
    const viewer = page.getByRole('dialog', { name })
    await viewer.waitFor()
    await assertClean(page, `${name} in full view`)
    await page.keyboard.press('Escape')
    await closed(viewer)
  }
}

async function assertDialogs(page) {
  await chat.rest(page)
  const list = chat.conversations(page)
  await chat.button(list, 'New group').click()
  const group = page.getByRole('dialog', { name: 'New group' })
  await group.waitFor()
  await assertClean(page, 'a new group')
  await page.keyboard.press('Escape')
  await closed(group)
  await page.goto('/settings/data')
  await chat.button(page, 'Delete all conversations').click()
  const question = page.getByRole('dialog')
  await question.waitFor()
  await assertClean(page, 'a question before all is deleted')
  await page.keyboard.press('Escape')
  await closed(question)
}

async function assertLosses(page, name) {
  await page.goto('/')
  await chat.ready(page)
  await page.context().setOffline(true)
  await page.getByRole('alert').getByText(/No connection/).waitFor()
  await assertClean(page, 'no connection')
  await page.context().setOffline(false)
  await page.getByRole('alert').waitFor({ state: 'detached' })

  // Signed out from another device.
  await hearsNews(page)
  const device = await set.browser.newContext({ baseURL: set.programs.url, extraHTTPHeaders: { 'X-Colloquy-Web': '1' } })
  const signedIn = await device.request.post('/api/v1/auth/login', { data: { username: name, password } })
  assert.ok(signedIn.ok(), await signedIn.text())
  assert.ok((await device.request.delete('/api/v1/auth/sessions')).ok())
  const dialog = page.getByRole('dialog', { name: 'Sign in to go on' })
  await dialog.waitFor()
  await assertClean(page, 'a session that has ended')
  await dialog.getByLabel('Password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
  await closed(dialog)
}

/** A part of the app that cannot be had: the page is loaded again once, and then says so. */
async function assertCrash(page) {
  const lost = (route) => route.abort()
  let loads = 0
  page.on('load', () => (loads += 1))
  await page.route(/assets\/settings-.*\.js/, lost)
  await page.goto('/settings/general')
  const again = chat.button(page, 'Load again')
  await again.waitFor()
  assert.equal(loads, 2, 'it is loaded again by itself, and not for ever')
  await assertClean(page, 'a page that stopped working')
  await page.unroute(/assets\/settings-.*\.js/, lost)
  await again.click()
  await page.getByRole('heading', { level: 1 }).waitFor()
}

for (const [look, options] of Object.entries(looks))
  test(`axe finds nothing in what fails, waits, asks or is lost in ${look}`, async () => {
    const { page } = await openPage(set.browser, set.programs.url, { ...options, patient: true })
    await picturing(page, `states-${look.replaceAll(' ', '-')}`, async () => {
      const name = await signUp(page.context())
      await page.goto('/')
      await chat.ready(page)
      await assertAnswers(page)
      await assertFiles(page)
      if (!look.startsWith('a hand')) await assertDialogs(page)
      await assertLosses(page, name)
      await assertCrash(page)
    })
    await page.context().close()
  })
