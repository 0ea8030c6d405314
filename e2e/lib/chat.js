// The chat page as a person sees it: by roles and names.

import assert from 'node:assert/strict'

export const message = (page) => page.getByRole('textbox', { name: 'Message', exact: true })
export const answers = (page) => page.getByRole('article', { name: 'Assistant', exact: true })
export const questions = (page) => page.getByRole('article', { name: 'You', exact: true })
export const conversations = (page) => page.getByRole('navigation', { name: 'Conversations' })
export const button = (scope, name) => scope.getByRole('button', { name, exact: true })

export async function register(page, person) {
  await page.goto('/register')
  await page.getByLabel('User name', { exact: true }).fill(person.name)
  await page.getByLabel('Email', { exact: true }).fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await button(page, 'Create account').click()
  await message(page).waitFor()
}

/** Sends a message; its answer has begun when this returns. */
export async function send(page, text) {
  await message(page).fill(text)
  await button(page, 'Send').click()
  await begun(page)
}

/** Waits until the newest answer is being written. */
export async function begun(page) {
  await answers(page).last().and(page.locator('[aria-busy="true"]')).waitFor()
}

/** Waits until the newest answer holds `text`. */
export async function waitForText(page, text) {
  await answers(page).last().getByText(text).first().waitFor()
}

/** Waits until the newest answer is settled and all of it is drawn, and gives its text. */
export async function settledText(page) {
  const answer = answers(page).last()
  const busy = page.locator('[aria-busy="true"]')
  await answer
    .and(page.locator('[aria-busy="false"]'))
    .filter({ hasNot: busy })
    .waitFor({ timeout: 60_000 })
  return answer.innerText()
}

/** The numbers of the fake provider's tokens (`t00001 t00002 …`) in the order in which they stand. */
export const tokens = (text) => [...text.matchAll(/t(\d{5})/g)].map((match) => Number(match[1]))

/** Every token from the first to the last, each once. */
export function assertGapless(text, count) {
  const seen = tokens(text)
  assert.deepEqual(seen, Array.from({ length: count ?? seen.length }, (_, index) => index + 1))
}

/** Sends by Enter, and waits for the end of the answer. */
export async function ask(page, text) {
  const before = await answers(page).count()
  await message(page).fill(text)
  await message(page).press('Enter')
  await answers(page).nth(before).waitFor()
  return settledText(page)
}

/** Waits until the address is that of a conversation, and gives it. */
export async function address(page) {
  await page.waitForURL(/\/c\/\d+/)
  return new URL(page.url()).pathname
}

export const isFocused = (locator) => locator.evaluate((node) => node === document.activeElement)

/** The box in which the messages scroll. */
export const scroller = (page) => page.getByRole('log').locator('..')

export const scrollTop = (page) => scroller(page).evaluate((box) => box.scrollTop)

export const distanceToEnd = (page) =>
  scroller(page).evaluate((box) => box.scrollHeight - box.clientHeight - box.scrollTop)
