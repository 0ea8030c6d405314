// A password that was forgotten, and the way in for the very first.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { hearsNews, launch, openPage, picturing } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { startPrograms } from '../lib/programs.js'
import { eventually } from '../lib/stage.js'

let browser
before(async () => {
  browser = await launch()
})
after(() => browser?.close())

const ada = { name: 'ada', email: 'ada@example.org', password: 'correct horse battery' }
const phone = { viewport: { width: 360, height: 740 } }
/** A link that is good no more, or a password that is too short, is an answer and no fault. */
const refused = /status of 4(03|22)/

const sideways = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

async function ask(page, email) {
  await page.goto('/login')
  await page.getByRole('link', { name: 'Forgot your password?' }).click()
  await page.getByRole('heading', { name: 'Forgot your password?' }).waitFor()
  await page.getByLabel('Email', { exact: true }).fill(email)
  await chat.button(page, 'Ask for a link').click()
  await page.getByText(`If there is an account with ${email}`).waitFor()
}

async function signIn(page, password) {
  await page.getByLabel('Email or user name').fill(ada.name)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await chat.button(page, 'Sign in').click()
}

test('a link in a letter gives another password, once', async () => {
  const programs = await startPrograms({ mail: true, provider: null })
  const { page: signedIn, complaints: others } = await openPage(browser, programs.url)
  const { page, complaints } = await openPage(browser, programs.url, phone)
  try {
    await picturing(page, 'password', async () => {
      await signedIn.goto('/')
      await signedIn.waitForURL('**/register')
      assert.deepEqual(others, [], 'the very first is led to sign up')
      await chat.register(signedIn, ada)
      await hearsNews(signedIn)

      await page.goto('/')
      await page.waitForURL('**/login')
      await ask(page, 'nobody@example.org')
      await ask(page, ada.email)
      assert.equal(await sideways(page), 0)
      const letter = await eventually(() => programs.letters().at(-1), 'the letter comes')
      assert.deepEqual(letter.to, [ada.email])
      const [link] = letter.readable.match(/http:\/\/127\.0\.0\.1:\d+\/reset\?token=[\w-]+/)
      assert.ok(link.startsWith(programs.url))

      await page.goto(link)
      const field = page.getByLabel('New password', { exact: true })
      await field.waitFor()
      await eventually(() => page.url() === `${programs.url}/reset`, 'the token leaves the address at once')
      await eventually(async () => (await page.title()) === 'Choose a new password', 'the title says what this is for')
      await page.reload()
      await field.fill('short')
      await chat.button(page, 'Save the new password').click()
      await page.getByText('must have at least 8 characters').first().waitFor()
      assert.equal(await sideways(page), 0)
      await field.fill('a password to remember')
      await field.press('Enter')
      await page.getByText('Your password is changed.').waitFor()
      await signedIn.getByRole('dialog', { name: 'Sign in to go on' }).waitFor()

      await page.goto(link)
      await field.fill('yet another password')
      await field.press('Enter')
      await page.getByText('This link was used already').waitFor()
      await chat.button(page, 'Ask for another link').click()
      await page.getByLabel('Email', { exact: true }).waitFor()
      await page.getByRole('link', { name: 'Back to sign in' }).click()
      await signIn(page, ada.password)
      await page.getByRole('alert').waitFor()
      await signIn(page, 'a password to remember')
      await chat.message(page).waitFor()
      assert.equal(programs.letters().length, 1, 'nobody else was written to')
      assert.ok(!programs.said().includes('token='), 'the log holds no link')
      assert.deepEqual(
        complaints.filter((one) => !refused.test(one)),
        [],
      )
    })
  } finally {
    await page.context().close()
    await signedIn.context().close()
    await programs.stop()
  }
})

test('without mail the link is in the log, and the page says so', async () => {
  const programs = await startPrograms({ provider: null })
  const { page, complaints } = await openPage(browser, programs.url, { ...phone, colorScheme: 'dark', locale: 'en-GB' })
  try {
    await picturing(page, 'password-log', async () => {
      await chat.register(page, ada)
      await page.context().clearCookies()
      await page.goto('/reset')
      await page.getByText('This server sends no mail.').waitFor()
      await ask(page, ada.email)
      await page.getByText('Ask the administrator for it.').waitFor()
      assert.equal(await sideways(page), 0)
      const found = await eventually(
        () => programs.said().match(/http:\S+\/reset\?token=[\w-]+(?=[^\w-])/),
        'the log has the link',
      )
      await page.goto(found[0])
      await page.getByLabel('New password', { exact: true }).fill('a password to remember')
      await chat.button(page, 'Save the new password').click()
      await page.getByText('Your password is changed.').waitFor()
      await page.getByRole('link', { name: 'Sign in', exact: true }).click()
      await signIn(page, 'a password to remember')
      await chat.message(page).waitFor()
      assert.deepEqual(complaints, [])
    })
  } finally {
    await page.context().close()
    await programs.stop()
  }
})
