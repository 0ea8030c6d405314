// Buying a plan at a gateway that looks like Konnect, in a browser: from the plans to the gateway, back, and to the end of it.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { signUp } from '../lib/account.js'
import { assertClean } from '../lib/axe.js'
import { launch, openPage, picturing } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { startGateway, startPrograms } from '../lib/programs.js'

/** Plans of which the one that is free is soon used up. */
const plans = {
  COLLOQUY__BILLING__ENFORCED: 'true',
  COLLOQUY__BILLING__PLANS__FREE__MESSAGES_PER_MONTH: '2',
  COLLOQUY__BILLING__PLANS__BASIC__PRICE: '30',
  COLLOQUY__BILLING__PLANS__BASIC__MESSAGES_PER_MONTH: '100',
  COLLOQUY__BILLING__PLANS__PREMIUM__PRICE: '60',
}

let browser
let gateway
let programs
before(async () => {
  browser = await launch()
  gateway = await startGateway()
  programs = await startPrograms({ settings: { ...gateway.settings, ...plans } })
  // The first account is the administrator's, whom no plan limits.
  await signUp(programs.url, 'root')
})
after(async () => {
  await programs?.stop()
  await gateway?.stop()
  await browser?.close()
})

let people = 0

/** A new person with a browser of their own; what `expected` fits may be complained about. */
async function someone(options, work, expected) {
  const { page, complaints } = await openPage(browser, programs.url, options)
  people += 1
  const name = `payer${people}`
  try {
    await picturing(page, 'billing', async () => {
      await chat.register(page, { name, email: `${name}@example.org`, password: 'correct horse battery' })
      await work(page)
    })
    // What the gateway's own page lacks, such as a picture for its tab, is no fault of ours.
    assert.deepEqual(
      complaints.filter((one) => !one.includes(gateway.url) && !expected?.test(one)),
      [],
    )
  } finally {
    await page.context().close()
  }
}

const heading = (page, name) => page.getByRole('heading', { name, exact: true })

/** From the plans to the gateway's page. */
async function choose(page, name) {
  await page.goto('/plans')
  await buy(page, name)
}

async function buy(page, name) {
  await heading(page, 'Plans').waitFor()
  await page.getByRole('button', { name }).click()
  await page.waitForURL(`${gateway.url}/**`)
}

/** Pays at the gateway, and comes back. */
async function pay(page) {
  await chat.button(page, 'Pay').click()
  await page.waitForURL(`${programs.url}/billing/return?**`)
  await heading(page, 'Paid, thank you').waitFor()
}

async function cancel(page) {
  await chat.button(page, 'Cancel plan').click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel plan', exact: true }).click()
  await page.getByText(/^Cancelled\. It is good until/).waitFor()
}

test('a plan is bought, shown, cancelled and kept', async () => {
  await someone({}, async (page) => {
    await choose(page, /^Pay TND.30$/)
    await pay(page)
    await assertClean(page)
    await page.getByRole('link', { name: 'Plan and payments' }).click()
    await page.getByText(/^Paid until .*Nothing renews by itself\.$/).waitFor()
    await page.getByText('Basic, 30 days').waitFor()
    await assertClean(page)
    await cancel(page)
    await chat.button(page, 'Keep the plan').click()
    await page.getByText(/^Paid until .*Nothing renews by itself\.$/).waitFor()
    await page.goto('/plans')
    await page.getByRole('button', { name: /^Renew for TND.30$/ }).waitFor()
    await assertClean(page)
  })
})

test('who is declined, or waits for the bank, is told so on a phone', async () => {
  await someone({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' }, async (page) => {
    await choose(page, /^Pay TND.60$/)
    await chat.button(page, 'Let the card be declined').click()
    await heading(page, 'The payment did not go through').waitFor()
    await assertClean(page)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.equal(wide, 0, 'nothing is wider than the phone')
    await page.getByRole('link', { name: 'Back to the plans' }).click()
    await page.getByRole('button', { name: /^Pay TND.60$/ }).click()
    await page.waitForURL(`${gateway.url}/**`)
    await chat.button(page, 'Pay; the bank takes three seconds').click()
    await heading(page, 'Waiting for your payment').waitFor()
    // The bank's word comes while the gateway may not be asked again: it is asked by itself as soon as it may.
    await heading(page, 'Paid, thank you').waitFor({ timeout: 60_000 })
  })
})

test('who has used up a month sees how much of which plan it was, pays, goes on, and cancels', async () => {
  const used = async (page) => (await page.request.get('/api/v1/me/usage')).json()
  const work = async (page) => {
    await chat.ask(page, 'one [tokens=2]')
    await chat.ask(page, 'two [tokens=2]')
    const path = await chat.address(page)
    // The meter comes when the page is quiet.
    await page.getByRole('link', { name: /^2 of 2/ }).waitFor()
    await chat.message(page).fill('three [tokens=3]')
    await chat.button(page, 'Send').click()
    const card = page.getByRole('region', { name: 'You used this month’s messages' })
    const { resets_at: resetsAt } = await used(page)
    const day = new Date(resetsAt).toLocaleDateString('en', { day: 'numeric', month: 'long', timeZone: 'UTC' })
    await card.getByText(`Free · 2 of 2 · more on ${day}`, { exact: true }).waitFor()
    assert.equal(await chat.message(page).inputValue(), 'three [tokens=3]', 'what was written stays')
    await assertClean(page)

    await card.getByRole('link', { name: 'See plans' }).click()
    await buy(page, /^Pay TND.30$/)
    await pay(page)
    const { plan, limit } = await used(page)
    assert.deepEqual({ plan, limit }, { plan: 'basic', limit: 100 })

    await page.getByRole('link', { name: 'Go to a new chat' }).click()
    await chat.open(page, path)
    assert.equal(await chat.message(page).inputValue(), 'three [tokens=3]')
    await chat.button(page, 'Send').click()
    await chat.waitForText(page, 't00003')
    assert.equal(await card.count(), 0)

    await page.goto('/settings/plan')
    await page.getByText(/^Paid until .*Nothing renews by itself\.$/).waitFor()
    await cancel(page)
    await page.reload()
    await page.getByText(/^Cancelled\. It is good until/).waitFor()
    await chat.button(page, 'Keep the plan').waitFor()
  }
  await someone({}, work, /status of 429/)
})
