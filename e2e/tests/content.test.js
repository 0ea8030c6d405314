// What answers may hold: diagrams, images of other hosts, notes, links.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import * as chat from '../lib/chat.js'
import { drawn } from '../lib/detector.js'
import { eventually, stage } from '../lib/stage.js'
import { gate } from '../lib/teller.js'

const { behaviour } = stage({ tells: true })
/** A slow machine takes its time to draw. */
const drawing = { options: { patient: true } }

const flow = `flowchart TD
  accTitle: How a release is made
  A[Write the change] --> B{Do the tests pass?}
  B -->|yes| C[Merge]
  B -->|no| A
  C --> D[(Release)]`

const fenced = (source) => `\`\`\`mermaid\n${source}\n\`\`\``

/** What an image shows, as the browser drew it. */
const sizeOf = (image) => image.evaluate((node) => ({ drawn: node.complete, width: node.naturalWidth }))

async function tellWhole(page, teller, text) {
  teller.next(text, { rate: 0, size: 4000 })
  await chat.ask(page, 'Tell')
  return chat.answers(page).last()
}

behaviour(
  'a diagram is code while it is written and a drawing afterwards, in the colours of the page',
  async ({ page, teller }) => {
    const { open, opened } = gate()
    const pace = { rate: 60, size: 4, behind: 'C[Merge]', until: opened }
    teller.next(`Look:\n\n${fenced(flow)}\n\nThat is how.`, pace)
    await chat.send(page, 'Draw it')
    const answer = chat.answers(page).last()
    await answer.locator('pre').getByText('Write the change').waitFor()
    assert.equal(await page.locator('iframe').count(), 0, 'nothing is drawn before it is whole')
    open()
    await chat.settledText(page)
    const image = answer.getByRole('img', { name: 'How a release is made' })
    await image.waitFor()
    const light = await image.getAttribute('src')
    assert.match(light, /^data:image\/svg\+xml/)
    await eventually(async () => (await sizeOf(image)).drawn && (await sizeOf(image)).width > 100, 'the browser draws it')
    const words = decodeURIComponent(light).replace(/<[^>]+>/g, '')
    assert.ok(words.includes('Do the tests') && words.includes('Release'), 'its words are in it')
    assert.equal(await answer.locator('pre').count(), 0)

    const frame = page.locator('iframe')
    assert.equal(await frame.getAttribute('sandbox'), 'allow-scripts')
    const inside = page.frames().find((one) => one.url().includes('/assets/sandbox/diagram'))
    assert.equal(await inside.evaluate(() => self.origin), 'null')
    assert.equal(
      await inside.evaluate(() =>
        fetch('/api/v1/auth/me').then(
          () => 'reached',
          () => 'refused',
        ),
      ),
      'refused',
    )

    // In the other theme it is drawn anew; what takes its place has the same size.
    await drawn(page)
    const before = await image.boundingBox()
    await page.emulateMedia({ colorScheme: 'dark' })
    await eventually(async () => (await image.getAttribute('src')) !== light, 'it follows the theme')
    await drawn(page)
    assert.deepEqual(await image.boundingBox(), before)

    // Away and back: it stands there at once.
    const path = await chat.address(page)
    await chat.newChat(page)
    await chat.conversations(page).locator(`a[href="${path}"]`).click()
    await chat.answers(page).last().waitFor()
    assert.equal(await chat.answers(page).last().getByRole('img', { name: 'How a release is made' }).count(), 1)
  },
  { ...drawing, expected: /Connecting to|Fetch API cannot load|Refused to connect/ },
)

behaviour('a diagram gives its source, itself as a file, and a full view', async ({ page, teller }) => {
  const answer = await tellWhole(page, teller, fenced(flow))
  const image = answer.getByRole('img', { name: 'How a release is made' })
  await image.waitFor()

  await chat.button(answer, 'Show the source').click()
  assert.equal((await answer.locator('pre').innerText()).trim(), flow)
  await chat.button(answer, 'Show the diagram').click()
  await image.waitFor()

  const [file] = await Promise.all([page.waitForEvent('download'), chat.button(answer, 'Download as SVG').click()])
  assert.equal(file.suggestedFilename(), 'diagram.svg')
  const svg = await readFile(await file.path(), 'utf8')
  assert.match(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)

  await chat.button(answer, 'Full view').click()
  const dialog = page.getByRole('dialog', { name: 'How a release is made' })
  const large = dialog.getByRole('img')
  await large.waitFor()
  const fits = await large.boundingBox()
  for (const _ of [1, 2, 3, 4]) await chat.button(dialog, 'Larger').click()
  await eventually(async () => {
    const { width, height } = await large.boundingBox()
    return width > fits.width * 1.3 || height > fits.height
  }, 'it is larger')
  await chat.rest(page)
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await eventually(() => chat.isFocused(chat.button(answer, 'Full view')), 'the focus is back on the button')
}, drawing)

behaviour('every kind of diagram is drawn', async ({ page, teller }) => {
  const kinds = [
    'flowchart-elk LR\n  a --> b',
    'sequenceDiagram\n  Ada->>Bob: Hello\n  Bob-->>Ada: Hi',
    'classDiagram\n  Animal <|-- Duck\n  Animal : +int age',
    'stateDiagram-v2\n  [*] --> Still\n  Still --> [*]',
    'erDiagram\n  CUSTOMER ||--o{ ORDER : places',
    'gantt\n  title Plan\n  section One\n  Task :a1, 2026-01-01, 30d',
    'pie title Pets\n  "Dogs" : 386\n  "Cats" : 85',
    'mindmap\n  root((mind))\n    one\n    two',
    'gitGraph\n  commit\n  branch next\n  commit\n  checkout main\n  merge next',
    'journey\n  title Day\n  section Go\n    Wake: 3: Me',
    'timeline\n  title History\n  2024 : begun\n  2026 : done',
    'quadrantChart\n  x-axis Low --> High\n  y-axis Low --> High\n  A: [0.3, 0.6]',
    'xychart-beta\n  x-axis [jan, feb]\n  y-axis "Sum" 0 --> 10\n  bar [5, 6]',
    'sankey-beta\n\na,b,5\nb,c,3',
    'block-beta\n  columns 2\n  a b',
  ]
  const answer = await tellWhole(page, teller, kinds.map(fenced).join('\n\nand\n\n'))
  const blocks = answer.locator('figure')
  for (let at = 0; at < kinds.length; at += 1) {
    const block = blocks.nth(at)
    // In one step: its source stands there until the code that draws has come.
    await block.evaluate((node) => node.scrollIntoView({ block: 'center' }))
    const settled = block.getByRole('img').or(block.getByText('could not be drawn'))
    await settled.first().waitFor({ timeout: 300_000 })
    assert.equal(await block.getByRole('img').count(), 1, `${kinds[at]}: ${await block.innerText()}`)
    await eventually(async () => (await sizeOf(block.getByRole('img'))).width > 10, kinds[at])
  }
}, drawing)

behaviour('what is no diagram is shown as it is, with a quiet note', async ({ page, teller }) => {
  const answer = await tellWhole(
    page,
    teller,
    [fenced(`flowchart TD ${'A --> B; '.repeat(3_000)}`), fenced('flowchart TD\n  A --')].join('\n\nand\n\n'),
  )
  await answer.getByText('This diagram could not be drawn. Its source is below.').waitFor({ timeout: 300_000 })
  await answer.getByText('This diagram is too long to be drawn. Its source is below.').waitFor()
  assert.equal(await answer.locator('pre').count(), 2)
  assert.equal(await answer.getByRole('img').count(), 0)
  assert.equal(await answer.getByRole('alert').count(), 0)
}, drawing)

const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAD0lEQVR4nGNg+M/wHwgBDPsC/nX7LvIAAAAASUVORK5CYII=',
  'base64',
)

/** Another host, which counts who asks it for an image. */
async function imageHost() {
  const asked = []
  const server = createServer((request, response) => {
    asked.push({ path: request.url, referrer: request.headers.referer ?? '', cookie: request.headers.cookie ?? '' })
    if (!request.url.endsWith('.png')) return response.writeHead(404).end()
    response.writeHead(200, { 'Content-Type': 'image/png' }).end(pixel)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}`, asked, stop: () => server.close() }
}

behaviour(
  'an image of another host is loaded after a click, once, and only there',
  async ({ page, teller }) => {
    const host = await imageHost()
    try {
      const name = new URL(host.url).host
      const answer = await tellWhole(
        page,
        teller,
        `![A boat](${host.url}/boat.png)\n\n![gone](${host.url}/gone)\n\n[![badge](${host.url}/badge.png)](https://example.org)`,
      )
      const path = await chat.address(page)
      await answer.getByText(`From ${name}, not loaded`).first().waitFor()
      assert.equal(await answer.locator('img, iframe').count(), 0)
      await answer.getByRole('link', { name: 'Image: badge' }).waitFor()
      assert.deepEqual(host.asked, [], 'nobody was asked')

      await chat.button(answer, 'Load image').first().click()
      const frame = answer.locator('iframe[title="A boat"]')
      await eventually(() => host.asked.length === 1, 'the host is asked once')
      assert.deepEqual(host.asked, [{ path: '/boat.png', referrer: '', cookie: '' }])
      assert.equal(await frame.getAttribute('sandbox'), 'allow-scripts')
      await eventually(async () => (await frame.evaluate((node) => node.style.aspectRatio)) === '2 / 1', 'its size')

      await chat.button(answer, 'Load image').click()
      await answer.getByText('This image could not be loaded from').waitFor()

      // What was allowed here is not allowed elsewhere, nor after a reload.
      await chat.newChat(page)
      const other = await tellWhole(page, teller, `![A boat](${host.url}/boat.png)`)
      await chat.button(other, 'Load image').waitFor()
      await chat.open(page, path)
      await chat.answers(page).last().locator('iframe').first().waitFor()
      await page.reload()
      await chat.button(chat.answers(page).last(), 'Load image').first().waitFor()
      assert.equal(await chat.answers(page).last().locator('iframe').count(), 0)
    } finally {
      host.stop()
    }
  },
  { expected: /^request to http:\/\/127\.0\.0\.1:\d+\/(boat\.png|gone)$|status of 404/ },
)

behaviour('notes lead to their text and back, each in its own answer', async ({ page, teller }) => {
  const noted = (what) => `A claim[^1] and more[^long].\n\n[^1]: The ${what} source.\n[^long]: Another one.`
  await tellWhole(page, teller, noted('first'))
  const second = await tellWhole(page, teller, noted('second'))
  const ids = await page.locator('[id]').evaluateAll((all) => all.map((one) => one.id))
  assert.equal(new Set(ids).size, ids.length, 'every name is there once')
  await second.getByRole('heading', { name: 'Notes' }).waitFor()

  const address = page.url()
  await second.getByRole('link', { name: '1', exact: true }).click()
  const back = second.getByRole('link', { name: 'Back to where note 1 is' })
  await eventually(() => chat.isFocused(back), 'the note of this answer has the focus')
  await back.press('Enter')
  await eventually(() => chat.isFocused(second.getByRole('link', { name: '1', exact: true })), 'and back')
  assert.equal(page.url(), address)
})

behaviour('links say where they lead, and lead there alone', async ({ page, teller }) => {
  const answer = await tellWhole(
    page,
    teller,
    'Go to [the bank](https://evil.example/login), <mail@example.org>, [here](/settings), [up](#composer), [file](file:///etc/passwd), [app](vscode://open) or www.example.org',
  )
  const links = await answer.getByRole('link').evaluateAll((all) =>
    all.map((one) => [one.getAttribute('href'), one.target, one.rel, one.title]),
  )
  const outside = (href) => [href, '_blank', 'noopener noreferrer', href]
  assert.deepEqual(links, [
    outside('https://evil.example/login'),
    outside('mailto:mail@example.org'),
    outside('http://www.example.org'),
  ])
  for (const dead of ['here', 'up', 'file', 'app']) await answer.getByText(dead, { exact: true }).waitFor()
})
