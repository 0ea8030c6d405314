// Keys by which programs ask in a person's name: making one, using it, revoking it.

import assert from 'node:assert/strict'
import { assertClean, looks } from '../lib/axe.js'
import * as chat from '../lib/chat.js'
import { eventually, stage } from '../lib/stage.js'

const { behaviour } = stage()

const dialog = (page, name) => page.getByRole('dialog', { name, exact: true })
const rows = (page) => page.getByRole('listitem').filter({ has: page.getByRole('button', { name: /^Revoke the key/ }) })

async function openDialog(page) {
  await page.goto('/settings/security')
  await chat.button(page, 'New key…').click()
  await dialog(page, 'New API key').waitFor()
  return dialog(page, 'New API key')
}

/** Fills in the form by the keyboard alone, and gives the key that is shown. */
async function make(page, name) {
  const form = await openDialog(page)
  await eventually(() => chat.isFocused(form.getByLabel('Name')), 'the name has the focus')
  await page.keyboard.type(name)
  await form.getByLabel('Current password', { exact: true }).fill('correct horse battery')
  await page.keyboard.press('Enter')
  const field = page.getByRole('textbox', { name: 'Key', exact: true })
  await field.waitFor()
  await eventually(() => chat.isFocused(field), 'the key has the focus')
  return field.inputValue()
}

const asked = (url, key) => fetch(`${url}/v1/models`, { headers: { Authorization: `Bearer ${key}` } })

behaviour('a key is shown once, asks models by the other API, and is good for nothing once revoked', async ({ page, programs }) => {
  const key = await make(page, 'My script')
  assert.match(key, /^sk-clq-/)
  const shown = dialog(page, 'Your new key')
  await shown.getByText(`${programs.url}/v1`).waitFor()
  const answer = await asked(programs.url, key)
  assert.equal(answer.status, 200)
  assert.ok((await answer.json()).data.length > 0)

  await page.mouse.click(5, 5)
  await shown.waitFor()
  await chat.button(shown, 'Done').click()
  await shown.waitFor({ state: 'detached' })
  await eventually(() => chat.isFocused(chat.button(page, 'New key…')), 'the button has the focus again')
  await rows(page).getByText('Ask models').waitFor()
  assert.equal(await page.getByText(key).count(), 0, 'the key is not shown again')

  await page.reload()
  await rows(page).getByText(/Last used/).waitFor()
  await chat.button(page, 'Revoke the key My script').click()
  const question = dialog(page, 'Revoke the key "My script"?')
  await chat.button(question, 'Revoke').press('Enter')
  await page.getByText('There are no keys yet.').waitFor()
  assert.equal((await asked(programs.url, key)).status, 401)
})

behaviour('a key needs the password, a scope and a name', async ({ page }) => {
  const form = await openDialog(page)
  await form.getByLabel('Name').fill('Backup')
  await form.getByRole('checkbox', { name: 'Ask models' }).uncheck()
  assert.equal(await chat.button(form, 'Create key').isDisabled(), true)
  await form.getByRole('checkbox', { name: 'Read' }).check()
  await form.getByLabel('Ends').selectOption('Never, until it is revoked')
  await form.getByLabel('Current password', { exact: true }).fill('something else')
  await chat.button(form, 'Create key').click()
  await form.getByText('is not your password').first().waitFor()
  await form.getByLabel('Current password', { exact: true }).fill('correct horse battery')
  await chat.button(form, 'Create key').click()
  await chat.button(dialog(page, 'Your new key'), 'Done').click()
  await rows(page).getByText('Does not end').waitFor()
  await rows(page).getByText('Read', { exact: true }).waitFor()
}, { expected: /status of 4/ })

for (const [look, options] of Object.entries(looks)) {
  behaviour(`axe finds nothing on keys in ${look}`, async ({ page }) => {
    await openDialog(page)
    await assertClean(page, 'a new key')
    await page.keyboard.press('Escape')
    await make(page, 'A program with a name that is longer than its row on a telephone is wide')
    await assertClean(page, 'the key that was made')
    const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    assert.equal(wider, false)
    await chat.button(dialog(page, 'Your new key'), 'Done').click()
    await rows(page).waitFor()
    await assertClean(page, 'the list of keys')
    await rows(page).getByRole('button').click()
    await page.getByRole('dialog').waitFor()
    await assertClean(page, 'a key that may be revoked')
  }, { options })
}
