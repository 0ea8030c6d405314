// Signing in with an account at another service: a real OpenID Connect provider, and pages of two sites.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertClean } from '../lib/axe.js'
import { launch, openPage, picturing } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { startOidcProvider } from '../lib/oidc-provider.js'
import { startPrograms } from '../lib/programs.js'

let browser
let provider
let programs
before(async () => {
  browser = await launch()
  provider = await startOidcProvider()
  programs = await startPrograms({ provider: null, settings: provider.settings })
  provider.open(programs.url)
  const { page } = await openPage(browser, programs.url)
  await chat.register(page, { name: 'root', email: 'root@example.org', password: PASSWORD })
  await page.context().close()
})
after(async () => {
  await programs?.stop()
  await provider?.stop()
  await browser?.close()
})

const PASSWORD = 'correct horse battery'
const withProvider = (page) => page.getByRole('link', { name: 'Continue with Local', exact: true })

/** A person with a browser of their own. What is asked of the provider is no fault, nor what it is told there. */
async function someone(work) {
  const { page, complaints } = await openPage(browser, programs.url)
  try {
    await picturing(page, 'oidc', () => work(page))
    const others = complaints.filter((one) => !one.includes(provider.issuer) && !/status of 4(03|09)/.test(one))
    assert.deepEqual(others, [])
  } finally {
    await page.context().close()
  }
}

/** Says who one is, on the provider's own page. */
async function be(page, name) {
  await page.waitForURL(`${provider.issuer}/**`)
  await page.locator('input[name=login]').fill(name)
  await chat.button(page, 'Go on').click()
}

const me = (page) => page.evaluate(async () => (await fetch('/api/v1/auth/me')).json())

async function settled(page) {
  await page.waitForURL(`${programs.url}/**`)
  await chat.ready(page)
}

test('somebody signs up with a provider, and signs in again to the page that was left', async () => {
  let id
  await someone(async (page) => {
    await page.goto('/register')
    await withProvider(page).click()
    await be(page, 'ada')
    await settled(page)
    const ada = await me(page)
    assert.deepEqual(
      [ada.username, ada.email, ada.full_name, ada.role],
      ['countess', 'ada@example.org', 'Ada Lovelace', 'user'],
    )
    id = ada.id
    await page.goto('/settings/security')
    await page.getByText('This account has no password yet.').waitFor()
    await assertClean(page, 'the settings')
    await page.getByRole('button', { name: 'Unlink the account of Local' }).click()
    await chat.notice(page, 'This is the only way to sign in').waitFor()
  })
  await someone(async (page) => {
    await page.goto('/settings/data')
    await withProvider(page).click()
    await be(page, 'ada')
    await page.waitForURL('**/settings/data')
    assert.equal((await me(page)).id, id)
    // The session goes on by itself: its refresh token came with it.
    await page.context().clearCookies({ name: 'colloquy_session' })
    await page.goto('/')
    await settled(page)
  })
})

test('an account with the same address is linked with its password, and entered by nothing less', async () => {
  const bob = { name: 'bob', email: 'bob@example.org', password: PASSWORD }
  await someone((page) => chat.register(page, bob))
  await someone(async (page) => {
    await page.goto('/login')
    await withProvider(page).click()
    await be(page, 'bob')
    await page.getByText('There is an account with your email address.').waitFor()
    await assertClean(page, 'the password that links')
    assert.equal((await me(page)).status, 401)
    const password = page.getByLabel('Password', { exact: true })
    await password.fill('not his password')
    await chat.button(page, 'Link and sign in').click()
    await page.getByText('is not your password').waitFor()
    await password.fill(PASSWORD)
    await chat.button(page, 'Link and sign in').click()
    await settled(page)
    assert.equal((await me(page)).username, 'bob')
  })
  await someone(async (page) => {
    await page.goto('/login')
    await withProvider(page).click()
    await be(page, 'bob')
    await settled(page)
    assert.equal((await me(page)).username, 'bob')
  })
})

test('who is signed in links an account in the settings, and unlinks it', async () => {
  await someone(async (page) => {
    await chat.register(page, { name: 'eva', email: 'eva@example.org', password: PASSWORD })
    await page.goto('/settings/security')
    await page.getByRole('button', { name: 'Link an account of Local' }).click()
    // Nobody vouches for the address there: it is hers all the same, because she is signed in.
    await be(page, 'eve')
    await page.waitForURL('**/settings/security')
    const unlink = page.getByRole('button', { name: 'Unlink the account of Local' })
    await unlink.waitFor()
    await page.context().clearCookies({ name: /^colloquy/ })
    await page.goto('/login')
    await withProvider(page).click()
    await settled(page)
    assert.equal((await me(page)).username, 'eva')
    await page.goto('/settings/security')
    await unlink.click()
    await page.getByRole('button', { name: 'Link an account of Local' }).waitFor()
  })
})

test('an address that nobody vouches for makes no account', async () => {
  await someone(async (page) => {
    await page.goto('/login')
    await withProvider(page).click()
    await be(page, 'eve')
    await page.getByRole('alert').getByText('does not vouch for an email address of yours').waitFor()
    await assertClean(page, 'the page for signing in')
    assert.equal((await me(page)).status, 401)
    await withProvider(page).waitFor()
  })
})

test('what comes back is taken once, as it was sent, and with proof that it began here', async () => {
  await someone(async (page) => {
    const back = await held(page, 'ada')
    const changed = new URL(back)
    changed.searchParams.set('state', `${changed.searchParams.get('state').slice(0, -1)}_`)
    await page.goto(changed.href)
    const ended = page.getByRole('alert').getByText('began in another browser')
    await ended.waitFor()
    assert.equal((await me(page)).status, 401)

    const { page: other } = await openPage(browser, programs.url)
    await other.goto(back)
    await other.getByRole('alert').getByText('began in another browser').waitFor()
    await other.context().close()

    await page.goto(back)
    await settled(page)
    assert.equal((await me(page)).username, 'countess')
    await page.context().clearCookies({ name: /^colloquy_(session|refresh)/ })
    await page.goto(back)
    await ended.waitFor()
    assert.equal((await me(page)).status, 401)
  })
  await someone(async (page) => {
    // The provider wants proof of who began (PKCE): without it nobody gets a code.
    const asked = new URL(await sentTo(page, '/api/v1/auth/local/login'))
    assert.equal(asked.searchParams.get('code_challenge_method'), 'S256')
    asked.searchParams.delete('code_challenge')
    asked.searchParams.delete('code_challenge_method')
    await page.goto(asked.href)
    await page.getByRole('alert').getByText('did not let you in').waitFor()
  })
})

/** Where an address sends this browser to. */
async function sentTo(page, url, options = {}) {
  const answer = await page.context().request.fetch(url, { ...options, maxRedirects: 0 })
  return new URL(answer.headers().location, answer.url()).href
}

/** Goes to the provider as `name`, and gives the address that it sends back to, which nobody has opened. */
async function held(page, name) {
  await page.goto('/login')
  await withProvider(page).click()
  await page.waitForURL(`${provider.issuer}/**`)
  return sentTo(page, await sentTo(page, page.url(), { method: 'POST', form: { login: name } }))
}

test('a provider that is down is said to be, and the password still works', async () => {
  const down = await startOidcProvider()
  const other = await startPrograms({ provider: null, settings: down.settings })
  await down.stop()
  const { page } = await openPage(browser, other.url)
  try {
    await chat.register(page, { name: 'root', email: 'root@example.org', password: PASSWORD })
    await page.context().clearCookies()
    await page.goto('/login')
    await withProvider(page).click()
    await page.getByRole('alert').getByText('does not answer').waitFor()
    await page.getByLabel('Email or user name').fill('root')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await chat.button(page, 'Sign in').click()
    await chat.ready(page)
  } finally {
    await page.context().close()
    await other.stop()
  }
})
