// Several people in one conversation: inviting, what each role is offered, notes, and going.

import assert from 'node:assert/strict'
import { assertClean, looks } from '../lib/axe.js'
import { hearsNews, openPage } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { eventually, signUp, stage } from '../lib/stage.js'

const { behaviour } = stage()
const quick = '[tokens=3 rate=100]'
/** Slow enough that something happens meanwhile. */
const slow = '[tokens=400 rate=20]'
/** Who was put out asks for what there is no more. */
const expected = /status of 404/

const people = (page) => page.getByRole('dialog', { name: 'People in this conversation' })
const said = (page, name) => page.getByRole('article', { name, exact: true })
const notes = (page) => page.getByRole('region', { name: 'Notes' })

async function choose(page, name) {
  await chat.button(page, 'More').click()
  await page.getByRole('menuitem', { name, exact: true }).click()
}

async function openPeople(page) {
  await choose(page, 'People…')
  await people(page).getByRole('listitem').first().waitFor()
  return people(page)
}

async function close(page) {
  await page.keyboard.press('Escape')
  await people(page).waitFor({ state: 'detached' })
}

/** Makes a link that lets people in, and gives its address. */
async function inviteByLink(page, may) {
  const dialog = await openPeople(page)
  if (may) await dialog.getByLabel('May').selectOption(may)
  await chat.button(dialog, 'Create link').click()
  const field = dialog.getByRole('textbox', { name: 'Link of the invitation' })
  await field.waitFor()
  await eventually(() => chat.isFocused(field), 'the link has the focus')
  const link = await field.inputValue()
  await close(page)
  return link
}

/** A conversation of `page`, with somebody else in it who has it open too. */
async function together({ page, browser, programs }, may, options) {
  await chat.ask(page, `what a heron eats ${quick}`)
  await hearsNews(page)
  const path = await chat.address(page)
  const link = await inviteByLink(page, may)
  const { page: guest, complaints } = await openPage(browser, programs.url, options)
  const name = await signUp(guest.context())
  await guest.goto(link)
  await chat.button(guest, 'Join the conversation').click()
  await guest.waitForURL(`**${path}`)
  await chat.answers(guest).first().waitFor()
  await hearsNews(guest)
  return { guest, name, path, complaints }
}

const roleOf = (page, name) => people(page).getByLabel(`What ${name} may do`)

async function make(page, name, role) {
  await openPeople(page)
  const answered = page.waitForResponse((response) => /\/members\/\d+$/.test(response.url()) && response.ok())
  await roleOf(page, name).selectOption(role)
  await answered
  await close(page)
}

behaviour(
  'who has the link of an invitation signs up and is in, and both see an answer as it is written',
  async ({ page, browser, programs }) => {
    const owner = await page.evaluate(async () => (await (await fetch('/api/v1/auth/me')).json()).username)
    await chat.ask(page, `what a heron eats ${quick}`)
    await hearsNews(page)
    const path = await chat.address(page)
    const link = await inviteByLink(page)
    assert.match(link, /\/invite\/[\w-]+$/)

    const { page: guest, complaints } = await openPage(browser, programs.url)
    await guest.goto(link)
    await guest.getByRole('heading', { name: 'You are invited' }).waitFor()
    await guest.getByText(`${owner} invites you to the conversation`).waitFor()
    assert.equal(await guest.getByText('heron').count(), 0, 'nothing of what was said')
    await chat.button(guest, 'Join the conversation').click()
    await chat.registerInstead(guest, { name: 'grace', email: 'grace@example.org', password: 'correct horse battery' })
    await guest.waitForURL(link)
    await chat.button(guest, 'Join the conversation').click()
    await guest.waitForURL(`**${path}`)
    await said(guest, owner).getByText('what a heron eats').waitFor()
    await chat.conversations(guest).locator(`a[href="${path}"]`).waitFor()
    await hearsNews(guest)

    await page.getByRole('button', { name: /^People in this conversation/ }).waitFor()
    await chat.send(page, `what an owl hears ${slow}`)
    await said(guest, owner).getByText('what an owl hears').waitFor()
    await chat.waitForText(guest, 't00010')
    await chat.begun(guest)
    await chat.begun(page)
    await chat.button(page, 'Stop').click()
    await eventually(
      async () => (await chat.settledText(guest)) === (await chat.settledText(page)),
      'both hold the same answer',
    )

    await chat.ask(guest, `what a wren sings ${quick}`)
    await said(page, 'grace').getByText('what a wren sings').waitFor()
    await chat.questions(guest).getByText('what a wren sings').waitFor()
    assert.deepEqual(complaints.filter((one) => !expected.test(one)), [])
    await guest.context().close()
  },
  { expected },
)

behaviour(
  'each sees that the other is there, types, rests and goes',
  async (set) => {
    const { page } = set
    const { guest, name } = await together(set)
    const owner = await page.evaluate(async () => (await (await fetch('/api/v1/auth/me')).json()).username)
    const faces = (page) => page.getByRole('button', { name: /^People in this conversation/ })
    const seen = async (page, words) => (await faces(page).getAttribute('aria-label')).includes(words)
    await eventually(() => seen(page, `Here now: ${name}`), 'the owner sees the guest')
    await eventually(() => seen(guest, `Here now: ${owner}`), 'the guest sees the owner')
    await chat.message(guest).pressSequentially('what a wren')
    await page.getByText(`${name} is typing…`).waitFor()
    assert.equal(await guest.getByText('is typing…').count(), 0, 'nobody is told of oneself')
    await page.getByText(`${name} is typing…`).waitFor({ state: 'detached' })
    await guest.goto('/settings')
    await eventually(() => seen(page, 'Nobody else is here now'), 'the owner sees that the guest has gone')
    await guest.context().close()
  },
  { expected },
)

behaviour(
  'a role that is changed changes what is offered at once',
  async (set) => {
    const { page } = set
    const { guest, name } = await together(set)
    await chat.message(guest).waitFor()
    await make(page, name, 'viewer')
    await guest.getByText('You may read this conversation.').waitFor()
    assert.equal(await chat.message(guest).count(), 0)
    assert.equal(await chat.button(guest, 'Edit').count(), 0)
    assert.equal(await chat.button(chat.answers(guest), 'Regenerate').count(), 0)
    await chat.button(guest, 'More').click()
    await guest.getByRole('menuitem', { name: 'Leave…' }).waitFor()
    for (const refused of ['Delete', 'Share…'])
      assert.equal(await guest.getByRole('menuitem', { name: refused, exact: true }).count(), 0, refused)
    await guest.keyboard.press('Escape')
    await make(page, name, 'editor')
    await chat.message(guest).waitFor()
    await guest.context().close()
  },
  { expected },
)

behaviour(
  'a commenter writes notes, which everybody sees and no model reads',
  async (set) => {
    const { page, programs } = set
    const { guest } = await together(set, 'commenter')
    await guest.getByText('You may read this conversation and write notes.').waitFor()
    await chat.answers(guest).last().hover()
    await chat.button(chat.answers(guest).last(), 'More about this answer').click()
    await guest.getByRole('menuitem', { name: 'Add a note' }).click()
    const field = guest.getByRole('textbox', { name: 'Note for the people here' })
    await eventually(() => chat.isFocused(field), 'one writes at once')
    await field.fill('Frogs too, <b>I think</b>')
    await field.press('Control+Enter')
    await notes(guest).getByText('Frogs too, <b>I think</b>').waitFor()
    await notes(page).getByText('Frogs too, <b>I think</b>').waitFor()
    await notes(page).getByText('Not sent to the model').waitFor()

    await chat.ask(page, `and fish ${quick}`)
    const asked = await eventually(
      async () => (await programs.seen('requests')).find((one) => JSON.stringify(one.body).includes('and fish')),
      'the provider was asked',
    )
    assert.ok(!JSON.stringify(asked.body).includes('Frogs'))
    await guest.reload()
    await notes(guest).getByText('Frogs too').waitFor()
    await notes(page).getByRole('button', { name: /^Delete the note of/ }).click()
    await notes(guest).waitFor({ state: 'detached' })
    await guest.context().close()
  },
  { expected },
)

behaviour(
  'who is removed in the middle of an answer is told so, and reads no further',
  async (set) => {
    const { page } = set
    const { guest, name, path } = await together(set)
    await chat.send(page, `what an owl hears ${slow}`)
    await chat.waitForText(guest, 't00005')
    const dialog = await openPeople(page)
    await chat.button(dialog, `Remove ${name}`).click()
    await chat.button(dialog, 'Remove').click()
    await dialog.getByText(`@${name}`).waitFor({ state: 'detached' })
    await chat.notice(guest, 'is not shared with you any more').waitFor()
    await guest.waitForURL('**/')
    await chat.ready(guest)
    await chat.conversations(guest).locator(`a[href="${path}"]`).waitFor({ state: 'detached' })
    await guest.goto(path)
    await guest.getByRole('heading', { name: 'There is nothing here' }).waitFor()
    await guest.context().close()
  },
  { expected },
)

behaviour(
  'who leaves is back in a new chat, and the owner sees it',
  async (set) => {
    const { page } = set
    const { guest, name, path } = await together(set, 'viewer')
    await choose(guest, 'Leave…')
    await people(guest).getByText('Only an invitation brings you back.').waitFor()
    await chat.button(people(guest), 'Leave').click()
    await chat.notice(guest, 'You have left').waitFor()
    await guest.waitForURL('**/')
    await chat.conversations(guest).locator(`a[href="${path}"]`).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: /^People in this conversation/ }).waitFor({ state: 'detached' })
    const dialog = await openPeople(page)
    assert.equal(await dialog.getByText(`@${name}`).count(), 0)
    await guest.context().close()
  },
  { expected },
)

behaviour('one person is invited by a letter, and the invitation can be passed on by its link', async ({ page }) => {
  await chat.ask(page, `what a heron eats ${quick}`)
  const dialog = await openPeople(page)
  await dialog.getByRole('radio', { name: 'By email' }).check()
  await dialog.getByRole('textbox', { name: 'Email' }).fill('grace@example.org')
  await dialog.getByLabel('May').selectOption('viewer')
  await dialog.getByLabel('For').selectOption('1')
  await chat.button(dialog, 'Send invitation').click()
  await dialog.getByText('An invitation is on its way to grace@example.org.').waitFor()
  await dialog.getByText(/^Viewer · Good until/).waitFor()
  await chat.button(dialog, 'Copy the link: grace@example.org').waitFor()
})

behaviour('an invitation that is withdrawn leads nowhere', async ({ page, browser, programs }) => {
  await chat.ask(page, `what a heron eats ${quick}`)
  const link = await inviteByLink(page)
  const dialog = await openPeople(page)
  await dialog.getByRole('button', { name: /^Withdraw the invitation/ }).click()
  await dialog.getByText('Open invitations').waitFor({ state: 'detached' })
  const { page: guest } = await openPage(browser, programs.url)
  await guest.goto(link)
  await guest.getByRole('heading', { name: 'This invitation leads nowhere any more' }).waitFor()
  await guest.context().close()
})

for (const [look, options] of Object.entries(looks)) {
  behaviour(
    `axe finds nothing among people in ${look}`,
    async ({ page, browser, programs }) => {
      await chat.send(page, `what a heron eats ${quick}`)
      await chat.settledText(page)
      const link = await inviteByLink(page, 'commenter')
      const { page: guest } = await openPage(browser, programs.url, options)
      await guest.goto(link)
      await chat.button(guest, 'Join the conversation').waitFor()
      await assertClean(guest, 'an invitation')
      await signUp(guest.context())
      await guest.goto(link)
      await chat.button(guest, 'Join the conversation').click()
      await guest.getByText('You may read this conversation and write notes.').waitFor()
      const answer = chat.answers(guest).last()
      await chat.button(answer, 'More about this answer').click()
      await guest.getByRole('menuitem', { name: 'Add a note' }).click()
      await guest.getByRole('textbox', { name: 'Note for the people here' }).fill('A note')
      await assertClean(guest, 'a note that is written')
      await chat.button(guest, 'Add note').click()
      await notes(guest).getByRole('paragraph').filter({ hasText: 'A note' }).waitFor()
      await assertClean(guest, 'a conversation to read, with a note')
      await page.getByRole('button', { name: /^People in this conversation/ }).waitFor()
      const dialog = await openPeople(page)
      await dialog.getByRole('button', { name: /^Remove/ }).click()
      await assertClean(page, 'the people of a conversation')
      const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
      assert.equal(wider, false)
      await guest.context().close()
    },
    { options, expected },
  )
}
