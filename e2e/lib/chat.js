// The chat page as a person sees it: by roles and names.

import assert from 'node:assert/strict'

export const message = (page) => page.getByRole('textbox', { name: 'Message', exact: true })
export const answers = (page) => page.getByRole('article', { name: 'Assistant', exact: true })
export const questions = (page) => page.getByRole('article', { name: 'You', exact: true })
export const conversations = (page) => page.getByRole('navigation', { name: 'Conversations' })
export const button = (scope, name) => scope.getByRole('button', { name, exact: true })

/**
 * Waits until the page has nothing left to do. What has just been drawn hears keys a moment later, and takes the focus a
 * moment later: both are work that was begun, so that an idle page has done it.
 */
export const rest = (page) =>
  page.evaluate(() => new Promise((resolve) => requestIdleCallback(() => resolve(), { timeout: 5_000 })))

/** Waits until the page can be written in, and its keys work. */
export async function ready(page) {
  await message(page).waitFor()
  await rest(page)
}

/** A notice that says something. */
export const notice = (page, text) => page.locator('[data-sonner-toast]').filter({ hasText: text })

/**
 * Points at the button of a notice and gives it. What is pointed at stays, however long a step of the test takes; by itself it
 * goes after ten seconds.
 */
export async function held(page, text, name = 'Undo') {
  const action = button(notice(page, text), name)
  await action.hover()
  return action
}

export async function register(page, person) {
  await page.goto('/register')
  await createAccount(page, person)
  await ready(page)
}

/** Goes on from the page where one signs in, as somebody who is new here. */
export async function registerInstead(page, person) {
  await page.waitForURL('**/login')
  await page.getByRole('link', { name: 'Create one' }).click()
  await createAccount(page, person)
}

async function createAccount(page, { name, email, password }) {
  await page.getByLabel('User name', { exact: true }).fill(name)
  await page.getByLabel('Email', { exact: true }).fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await button(page, 'Create account').click()
}

/** Sends a message; its answer has begun when this returns. */
export async function send(page, text) {
  const before = await answers(page).count()
  await message(page).fill(text)
  await button(page, 'Send').click()
  await answers(page).nth(before).waitFor()
}

/** Goes to a new chat; what was there before is gone when this returns. */
export async function newChat(page) {
  await button(page, 'New chat').first().click()
  await page.waitForURL('**/')
  await answers(page).first().waitFor({ state: 'detached' })
  await ready(page)
}

/** Waits until a conversation is on screen: the address alone changes before the page does. */
export async function opened(page, path) {
  await page.waitForURL(`**${path}`)
  await conversations(page).locator(`a[href="${path}"][aria-current="page"]`).waitFor()
  await answers(page).first().waitFor()
  await ready(page)
}

/** Opens a conversation by its link in the sidebar. */
export async function open(page, path) {
  await conversations(page).locator(`a[href="${path}"]`).click()
  await opened(page, path)
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
  await answer.and(page.locator('[aria-busy="false"]')).filter({ hasNot: busy }).waitFor({ timeout: 180_000 })
  return answer.innerText()
}

/** The numbers of the fake provider's tokens (`t00001 t00002 …`) in the order in which they stand. */
export const tokens = (text) => [...text.matchAll(/t(\d{5})/g)].map((match) => Number(match[1]))

/** Every token from the first to the last, each once. */
export function assertGapless(text, count) {
  const seen = tokens(text)
  assert.deepEqual(
    seen,
    Array.from({ length: count ?? seen.length }, (_, index) => index + 1),
  )
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

/** How far the end is away as the page is drawn, so many times as text makes it longer. */
export const distancesToEnd = (page, times) =>
  scroller(page).evaluate(
    (box, times) =>
      new Promise((resolve) => {
        const distances = []
        const watcher = new ResizeObserver(() => {
          distances.push(box.scrollHeight - box.clientHeight - box.scrollTop)
          if (distances.length < times) return
          watcher.disconnect()
          resolve(distances)
        })
        watcher.observe(box.firstElementChild)
      }),
    times,
  )
