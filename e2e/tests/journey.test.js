// One person's way through the product, in the built program.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openPage, picturing } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { stage } from '../lib/stage.js'

const ada = { name: 'ada', email: 'ada@example.org', password: 'correct horse battery' }

const { set } = stage()

test('register, chat, reload in the middle, stop, regenerate, rename, search, delete, undo, sign out', async (t) => {
  const { page, complaints } = await openPage(set.browser, set.programs.url)
  // A step that fails takes the rest along: they build on each other.
  let whole = true
  const step = (name, run) =>
    t.test(name, { skip: !whole }, async () => {
      whole = false
      await picturing(page, name.replaceAll(/\W+/g, '-'), run)
      whole = true
    })

  await step('a visitor is asked to sign in or register', async () => {
    await page.goto('/')
    await page.waitForURL(/\/(login|register)/)
  })

  await step('register', () => chat.register(page, ada))

  await step('a reload in the middle of an answer shows every token once', async () => {
    await chat.send(page, 'Count to two hundred [tokens=200 rate=40]')
    await chat.waitForText(page, 't00050')
    await page.reload()
    await chat.waitForText(page, 't00001')
    chat.assertGapless(await chat.settledText(page), 200)
  })

  let stopped
  await step('stop ends an answer where it is', async () => {
    await chat.send(page, 'Count on [tokens=8000 rate=40]')
    await chat.waitForText(page, 't00020')
    await chat.button(page, 'Stop').click()
    stopped = chat.tokens(await chat.settledText(page))
    chat.assertGapless(await chat.settledText(page))
    assert.ok(stopped.length >= 20 && stopped.length < 8000, `${stopped.length} tokens`)
    await sleep(500)
    assert.deepEqual(chat.tokens(await chat.settledText(page)), stopped)
    await page.reload()
    await chat.waitForText(page, 't00020')
    assert.deepEqual(chat.tokens(await chat.settledText(page)), stopped)
  })

  await step('regenerate makes a second version and keeps the first', async () => {
    const answer = chat.answers(page).last()
    await chat.button(answer, 'Regenerate').click()
    await chat.begun(page)
    await chat.waitForText(page, 't00030')
    await chat.button(page, 'Stop').click()
    await chat.settledText(page)
    await answer.getByText('2/2').waitFor()
    await chat.button(answer, 'Previous version').click()
    await answer.getByText('1/2').waitFor()
    assert.deepEqual(chat.tokens(await chat.settledText(page)), stopped)
    await chat.button(answer, 'Next version').click()
    await answer.getByText('2/2').waitFor()
  })

  await step('rename', async () => {
    await chat.button(page, 'Rename').first().click()
    await page.getByRole('textbox', { name: 'Title' }).fill('Counting sheep')
    await page.keyboard.press('Enter')
    await chat.conversations(page).getByRole('link', { name: 'Counting sheep' }).waitFor()
  })

  const address = page.url()
  await step('search finds the conversation by its title and by what was said', async () => {
    await chat.button(page, 'New chat').first().click()
    await page.waitForURL((url) => url.href !== address)
    for (const words of ['sheep', 'two hundred']) {
      await chat.button(page, 'Search').first().click()
      await page.getByRole('searchbox', { name: 'Search conversations' }).fill(words)
      await page.getByRole('dialog').getByText('Counting sheep').first().click()
      await page.waitForURL((url) => url.pathname === new URL(address).pathname)
      await chat.waitForText(page, 't00001')
      await chat.button(page, 'New chat').first().click()
      await page.waitForURL((url) => url.href !== address)
    }
  })

  await step('delete, and undo', async () => {
    const list = chat.conversations(page)
    const link = list.getByRole('link', { name: 'Counting sheep' })
    await link.hover()
    await chat.button(list, 'Options for Counting sheep').click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    const undo = await chat.held(page, 'Deleted')
    await link.waitFor({ state: 'detached' })
    await undo.click()
    await link.waitFor()
  })

  await step('sign out and in again', async () => {
    await page.getByRole('button', { name: ada.name }).last().click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await chat.button(page, 'Sign in').waitFor()
    await page.goto(address)
    await page.getByLabel('Email or user name', { exact: true }).fill(ada.name)
    await page.getByLabel('Password', { exact: true }).fill(ada.password)
    await chat.button(page, 'Sign in').click()
    await chat.conversations(page).getByRole('link', { name: 'Counting sheep' }).waitFor()
  })

  await step('nothing complained and nothing was asked of anybody else', () => {
    assert.deepEqual(complaints, [])
  })
})
