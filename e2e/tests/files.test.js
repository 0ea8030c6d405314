// The first ten minutes, 7: images and texts that go with a message.

import assert from 'node:assert/strict'
import { openPage } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { eventually, stage } from '../lib/stage.js'

const { behaviour } = stage({ vision: ['fake'] })
const quick = '[tokens=3 rate=100]'

const attached = (page) => page.getByRole('list', { name: 'Attached files' })
const images = (scope) => scope.getByRole('list', { name: 'Images' }).locator('img')
const sendButton = (page) => chat.button(page, 'Send')

/** Waits until all files of the message are on the server. */
const uploaded = (page) => page.getByRole('progressbar').first().waitFor({ state: 'detached' })

/** A picture is there and not broken. */
const isDrawn = (image) => image.evaluate((node) => node.complete && node.naturalWidth > 0)

/** Draws a PNG, as a screenshot would be, and does something with it in the page. */
const withPicture = (page, use, more) =>
  page.evaluate(
    async ([use, more]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 200 })
      const draw = canvas.getContext('2d')
      draw.fillStyle = '#4a40e0'
      draw.fillRect(20, 20, 280, 160)
      const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'))
      const drop = (files) => {
        const data = new DataTransfer()
        for (const file of files) data.items.add(file)
        const event = (kind) => new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data })
        document.body.dispatchEvent(event('dragenter'))
        return { land: () => document.body.dispatchEvent(event('drop')) }
      }
      if (use === 'copy') await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })])
      if (use === 'hover') window.hovering = drop([new File([blob], more, { type: 'image/png' })])
      if (use === 'drop') drop([new File([blob], more, { type: 'image/png' })]).land()
      if (use === 'drop-huge') drop([new File([new Uint8Array(50 * 1024 * 1024)], more, { type: 'image/png' })]).land()
      if (use === 'drop-text') drop([new File(['# Notes\n\nA heron.'], more, { type: '' })]).land()
    },
    [use, more],
  )

/** What the provider was sent last as the person's message. */
async function lastAsked(programs) {
  const requests = (await programs.seen('requests')).filter(({ title }) => !title)
  return requests.at(-1).body.messages.at(-1).content
}

behaviour('7. Paste or drop an image', async ({ page, context, programs }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await withPicture(page, 'copy')
  await chat.message(page).focus()
  await page.keyboard.press('ControlOrMeta+V')
  const thumbnail = attached(page).locator('img')
  await thumbnail.waitFor()
  await eventually(() => isDrawn(thumbnail), 'the thumbnail is drawn before anything is sent')
  await uploaded(page)
  const remove = attached(page).getByRole('button', { name: /^Remove / })
  await remove.click()
  await attached(page).waitFor({ state: 'detached' })
  await eventually(() => chat.isFocused(chat.message(page)), 'the caret is in the field again')

  await page.keyboard.press('ControlOrMeta+V')
  await attached(page).waitFor()
  await page.keyboard.type(`look ${quick}`)
  await page.keyboard.press('Enter')
  await chat.settledText(page)
  await attached(page).waitFor({ state: 'detached' })
  const shown = images(chat.questions(page).first())
  await eventually(() => isDrawn(shown), 'the image is in the message')
  const [image, words] = await lastAsked(programs)
  assert.match(image.image_url.url, /^data:image\/png;base64,iVBORw/)
  assert.equal(words.text, `look ${quick}`)
  await page.reload()
  await eventually(() => isDrawn(images(chat.questions(page).first())), 'and still after a reload')
  await chat.ready(page)

  await withPicture(page, 'hover', 'dropped.png')
  await page.getByText('Drop the files here').waitFor()
  await page.evaluate(() => window.hovering.land())
  await page.getByText('Drop the files here').waitFor({ state: 'detached' })
  await attached(page).getByText('dropped.png').waitFor()
  await uploaded(page)
  await withPicture(page, 'drop-huge', 'huge.png')
  await attached(page).getByText('Too large: an image may have 20 MB.').waitFor()
  assert.ok(await sendButton(page).isDisabled(), 'nothing goes out without what was refused')
  await chat.button(attached(page), 'Remove huge.png').click()
  await sendButton(page).and(page.locator(':enabled')).waitFor()
})

behaviour('a message may be files alone, and texts become part of the prompt', async ({ page, programs }) => {
  await page.locator('input[type=file]').setInputFiles([
    { name: 'birds.csv', mimeType: 'text/csv', buffer: Buffer.from('bird,legs\nheron,2\n') },
    { name: 'x.html', mimeType: 'text/html', buffer: Buffer.from('<script>document.title = "owned"</script>') },
  ])
  await attached(page).getByText('birds.csv').waitFor()
  await uploaded(page)
  await eventually(() => chat.isFocused(chat.message(page)), 'the caret is in the field')
  await page.keyboard.press('Enter')
  await chat.settledText(page)
  const asked = await lastAsked(programs)
  assert.match(asked, /<attached-file name="birds.csv">\nbird,legs\nheron,2\n<\/attached-file>/)
  const question = chat.questions(page).first()
  await chat.button(question, 'Open x.html').click()
  const viewer = page.getByRole('dialog', { name: 'x.html' })
  await viewer.getByText('<script>').waitFor()
  assert.notEqual(await page.title(), 'owned')
  await page.keyboard.press('ArrowRight')
  const other = page.getByRole('dialog', { name: 'birds.csv' })
  await other.getByText('heron,2').waitFor()
  const [saved] = await Promise.all([page.waitForEvent('download'), other.getByRole('link', { name: 'Download' }).click()])
  assert.equal(saved.suggestedFilename(), 'birds.csv')
  await page.keyboard.press('Escape')
  await other.waitFor({ state: 'detached' })
  await eventually(() => chat.isFocused(chat.button(question, 'Open x.html')), 'the focus is back where it was')
})

behaviour('images open as large as the window, and arrows lead from one to the next', async ({ page }) => {
  await withPicture(page, 'drop', 'one.png')
  await attached(page).getByText('one.png').waitFor()
  await withPicture(page, 'drop', 'two.png')
  await attached(page).getByText('two.png').waitFor()
  await uploaded(page)
  await chat.ask(page, 'look [tokens=3 rate=100]')
  await chat.button(page, 'Open one.png').click()
  const one = page.getByRole('dialog', { name: 'one.png' })
  await one.getByText('1 of 2').waitFor()
  await eventually(() => isDrawn(one.getByRole('img', { name: 'one.png' })), 'the image is drawn')
  await page.keyboard.press('ArrowRight')
  await page.getByRole('dialog', { name: 'two.png' }).getByText('2 of 2').waitFor()
  await page.keyboard.press('ArrowRight')
  await one.getByText('1 of 2').waitFor()
  await page.keyboard.press('Escape')
  await one.waitFor({ state: 'detached' })
})

behaviour('a long paste is offered as a file, which can become text again', async ({ page, context, programs }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const long = 'heron '.repeat(900).trim()
  await page.evaluate((text) => navigator.clipboard.writeText(text), long)
  await chat.message(page).focus()
  await page.keyboard.type('see: ')
  await page.keyboard.press('ControlOrMeta+V')
  await page.getByText('You pasted 5,399 characters.').waitFor()
  await chat.button(page, 'Attach them as a file').click()
  await attached(page).getByText('Pasted text.txt').waitFor()
  await eventually(async () => (await chat.message(page).inputValue()) === 'see: ', 'it is no more in the field')
  await uploaded(page)
  await chat.button(attached(page), 'Put it back into the text').click()
  await attached(page).waitFor({ state: 'detached' })
  await eventually(async () => (await chat.message(page).inputValue()).endsWith(long), 'the text is back in the field')
  await chat.message(page).fill('')
  await page.keyboard.press('ControlOrMeta+V')
  await chat.button(page, 'Attach them as a file').click()
  await attached(page).getByText('Pasted text.txt').waitFor()
  await eventually(() => chat.isFocused(chat.message(page)), 'the caret is in the field')
  await page.keyboard.type(quick)
  await uploaded(page)
  await page.keyboard.press('Enter')
  await chat.settledText(page)
  assert.ok((await lastAsked(programs)).includes(long))
})

behaviour('files wait with the message that is being written', async ({ page }) => {
  await withPicture(page, 'drop-text', 'notes.md')
  await attached(page).getByText('notes.md').waitFor()
  await uploaded(page)
  await page.keyboard.type(`read it ${quick}`)
  await page.reload()
  await attached(page).getByText('notes.md').waitFor()
  await eventually(async () => (await chat.message(page).inputValue()) === `read it ${quick}`, 'the draft is back')
  await chat.ready(page)

  let letGo
  const held = new Promise((resolve) => {
    letGo = resolve
  })
  await page.route('**/api/v1/files', async (route) => {
    await held
    await route.continue()
  })
  await withPicture(page, 'drop', 'slow.png')
  await page.getByRole('progressbar', { name: 'Uploading slow.png' }).waitFor()
  await chat.message(page).press('Enter')
  assert.equal(await chat.questions(page).count(), 0, 'it waits for the file')
  letGo()
  await chat.settledText(page)
  const question = chat.questions(page).first()
  await eventually(() => isDrawn(images(question)), 'the image went along')
  await chat.button(question, 'Open notes.md').waitFor()

  await question.hover()
  await chat.button(question, 'Edit').click()
  await page.getByRole('textbox', { name: 'Edit message' }).fill(`in other words ${quick}`)
  await page.keyboard.press('Enter')
  await chat.questions(page).getByText('in other words').waitFor()
  await chat.settledText(page)
  await page.reload()
  await chat.button(chat.questions(page).first(), 'Open notes.md').waitFor()
})

behaviour(
  'an upload that failed can be tried again',
  async ({ page }) => {
    let tries = 0
    await page.route('**/api/v1/files', (route) => {
      tries += 1
      return tries === 1 ? route.abort() : route.continue()
    })
    await withPicture(page, 'drop', 'one.png')
    await attached(page).getByRole('alert').getByText('No connection to the server').waitFor()
    assert.ok(await sendButton(page).isDisabled())
    await chat.button(attached(page), 'Upload one.png again').click()
    await attached(page).getByRole('alert').waitFor({ state: 'detached' })
    await uploaded(page)
    await sendButton(page).and(page.locator(':enabled')).waitFor()
  },
  { expected: /ERR_FAILED/ },
)

behaviour(
  'a file that is dropped without a network says what it waits for, and so does its message',
  async ({ page, context, programs }) => {
    await chat.ask(page, quick)
    await context.setOffline(true)
    await withPicture(page, 'drop', 'one.png')
    await page.getByText('1 file waits for the connection.').waitFor()
    await chat.message(page).fill(`look at this ${quick}`)
    await chat.message(page).press('Enter')
    await page.getByRole('button', { name: 'Send', exact: true }).locator('.animate-spin').waitFor()
    assert.equal(await chat.questions(page).count(), 1, 'it does not go out without its file')
    await context.setOffline(false)
    await chat.questions(page).getByText('look at this').waitFor()
    await page.getByText('1 file waits for the connection.').waitFor({ state: 'detached' })
    await chat.settledText(page)
    const [image] = await lastAsked(programs)
    assert.match(image.image_url.url, /^data:image/)
  },
  { expected: /ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/ },
)

behaviour('a model that cannot see says so before anything is sent', async ({ page }) => {
  await withPicture(page, 'drop', 'one.png')
  await attached(page).getByText('one.png').waitFor()
  await uploaded(page)
  const choose = async (name) => {
    await page.getByRole('button', { name: /^Model: / }).click()
    await page.getByRole('menuitemradio', { name: new RegExp(`^${name}\\b(?!-)`) }).click()
  }
  await choose('fake-2')
  await attached(page).getByRole('alert').getByText('This model cannot see images.').waitFor()
  assert.ok(await sendButton(page).isDisabled())
  await choose('fake')
  await attached(page).getByRole('alert').waitFor({ state: 'detached' })
  await chat.ask(page, `look ${quick}`)
})

behaviour('a shared image is seen by whoever has the link', async ({ page, browser, programs }) => {
  await withPicture(page, 'drop', 'one.png')
  await attached(page).getByText('one.png').waitFor()
  await uploaded(page)
  await chat.ask(page, `look ${quick}`)
  const path = await chat.address(page)
  const answer = await page.request.post(`/api/v1/conversations/${path.split('/').at(-1)}/share`)
  const { url } = await answer.json()
  const { page: strange, complaints } = await openPage(browser, programs.url, { viewport: { width: 360, height: 740 } })
  await strange.goto(url)
  const shown = images(strange)
  await shown.waitFor()
  await eventually(() => isDrawn(shown), 'the image is drawn')
  assert.deepEqual(complaints, [])
  await strange.context().close()
})
