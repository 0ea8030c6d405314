// Buying a plan at a gateway that looks like Konnect, in a browser: from the plans to the gateway, back, and to the end of it.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { assertClean } from '../lib/axe.js'
import { launch, openPage, picturing } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { startGateway, startPrograms } from '../lib/programs.js'

let browser
let gateway
let programs
before(async () => {
  browser = await launch()
  gateway = await startGateway()
  programs = await startPrograms({ settings: gateway.settings })
})
after(async () => {
  await programs?.stop()
  await gateway?.stop()
  await browser?.close()
})

let people = 0

/** A new person with a browser of their own. */
async function someone(options, work) {
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
      complaints.filter((one) => !one.includes(gateway.url)),
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
  await heading(page, 'Plans').waitFor()
  await page.getByRole('button', { name }).click()
  await page.waitForURL(`${gateway.url}/**`)
}

test('a plan is bought, shown, cancelled and kept', async () => {
  await someone({}, async (page) => {
    await choose(page, /^Pay TND.30$/)
    await chat.button(page, 'Pay').click()
    await page.waitForURL(`${programs.url}/billing/return?**`)
    await heading(page, 'Paid, thank you').waitFor()
    await assertClean(page)
    await page.getByRole('link', { name: 'Plan and payments' }).click()
    await page.getByText(/^Paid until .*Nothing renews by itself\.$/).waitFor()
    await page.getByText('Basic, 30 days').waitFor()
    await assertClean(page)
    await chat.button(page, 'Cancel plan').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel plan', exact: true }).click()
    await page.getByText(/^Cancelled\. It is good until/).waitFor()
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
