// The app without a network, as an app of its own, and when a newer one is there.

import assert from 'node:assert/strict'
import { createServer, request as ask } from 'node:http'
import { after, before, test } from 'node:test'
import { launch, openPage, picturing } from '../lib/browser.js'
import * as chat from '../lib/chat.js'
import { startPrograms } from '../lib/programs.js'
import { eventually, signUp } from '../lib/stage.js'

let programs
let browser
let way

before(async () => {
  programs = await startPrograms()
  way = await startWay(programs.url)
  browser = await launch()
})

after(async () => {
  await browser?.close()
  await way?.stop()
  await programs?.stop()
})

/** A way to the server that can say another version of the service worker. */
async function startWay(home) {
  const { hostname, port } = new URL(home)
  const way = { version: null }
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const { method, url: path } = request
    const headers = { ...request.headers, 'accept-encoding': 'identity' }
    delete headers['if-none-match']
    const onward = ask({ hostname, port, method, path, headers, agent: false }, async (answer) => {
      if (path !== '/sw.js' || way.version === null) {
        response.writeHead(answer.statusCode, answer.headers)
        response.flushHeaders()
        answer.pipe(response)
        return
      }
      let text = ''
      for await (const piece of answer) text += piece
      response.writeHead(200, { 'Content-Type': 'text/javascript', 'Cache-Control': 'no-cache' })
      response.end(text.replace(/const version = '\w+'/, `const version = '${way.version}'`))
    })
    onward.on('error', () => response.destroy())
    response.once('close', () => onward.destroy())
    request.pipe(onward)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  way.url = `http://127.0.0.1:${server.address().port}`
  way.stop = () => new Promise((resolve) => server.close(resolve).closeAllConnections())
  return way
}

/** A page of somebody who is signed in, whose shell is kept. */
async function open(name, steps) {
  const { page, complaints } = await openPage(browser, way.url, { serviceWorkers: 'allow' })
  try {
    await picturing(page, name, async () => {
      await signUp(page.context())
      await page.goto('/')
      await chat.ready(page)
      await page.evaluate(() => navigator.serviceWorker.ready)
      await eventually(() => page.evaluate(() => navigator.serviceWorker.controller !== null), 'the service worker')
      await steps(page, page.context(), complaints)
    })
  } finally {
    await page.context().close()
  }
}

const isWritten = (page, text) =>
  eventually(async () => (await chat.message(page).inputValue()) === text, `"${text}" is in the field`)

/** What a browser itself says of lost connections is no fault of the page. */
const ownFaults = (complaints) => complaints.filter((one) => !/ERR_INTERNET_DISCONNECTED|ERR_FAILED/.test(one))

test('without a network a reload shows the app and what was typed, and it comes back by itself', () =>
  open('offline', async (page, context, complaints) => {
    await chat.ask(page, 'Remember this [tokens=5]')
    const path = await chat.address(page)
    await chat.message(page).fill('half a thought')
    await chat.newChat(page)
    await chat.message(page).fill('another one')
    await context.setOffline(true)
    await page.reload()
    await isWritten(page, 'another one')
    await page.getByRole('alert').getByText('No connection').waitFor()
    await page.goto(path)
    await isWritten(page, 'half a thought')

    await context.setOffline(false)
    await chat.waitForText(page, 't00005')
    await chat.conversations(page).locator(`a[href="${path}"]`).waitFor()
    await page.getByRole('alert').waitFor({ state: 'detached' })
    await isWritten(page, 'half a thought')
    assert.deepEqual(ownFaults(complaints), [])
  }))

test('nothing that the server says of a person is kept by the service worker, and signing out forgets who it was', () =>
  open('kept', async (page, context) => {
    await chat.ask(page, 'A secret [tokens=5]')
    await page.reload()
    await chat.waitForText(page, 't00005')
    const kept = await page.evaluate(async () => {
      const paths = []
      for (const name of await caches.keys())
        for (const { url } of await (await caches.open(name)).keys()) paths.push(new URL(url).pathname)
      return paths
    })
    assert.ok(kept.includes('/') && kept.length > 5, `${kept.length} files`)
    assert.deepEqual(kept.filter((path) => path !== '/' && !/^\/(assets|icons)\/|^\/(favicon.svg|manifest.webmanifest)$/.test(path)), [])

    await page.locator('nav').getByRole('button', { name: /^person/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.waitForURL('**/login')
    const held = await page.evaluate(() => Object.keys(localStorage).filter((key) => /person|draft/.test(key)))
    assert.deepEqual(held, [])
    await context.setOffline(true)
    await page.goto('/')
    await page.getByRole('button', { name: 'Try again' }).or(page.locator('.frame')).first().waitFor()
    assert.equal(await chat.message(page).count(), 0)
  }))

test('a newer version is offered in a quiet notice, and taken when somebody asks for it', () =>
  open('version', async (page) => {
    way.version = 'newer'
    try {
      await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update())
      await page.getByText('There is a new version.').waitFor()
      await chat.message(page).fill('not lost')
      await Promise.all([page.waitForEvent('load'), chat.button(page, 'Refresh').click()])
      await isWritten(page, 'not lost')
      const names = () => page.evaluate(() => caches.keys())
      await eventually(async () => `${await names()}` === 'colloquy-shell-newer', 'the newer shell alone is kept')
    } finally {
      way.version = null
    }
  }))

test('a browser finds nothing that keeps the app from being installed', () =>
  open('install', async (page, context) => {
    const line = await context.newCDPSession(page)
    const { errors, data } = await line.send('Page.getAppManifest')
    assert.deepEqual(errors, [])
    const { name, display, icons } = JSON.parse(data)
    assert.deepEqual([name, display], ['Colloquy', 'standalone'])
    for (const { src, sizes, type } of icons) {
      const answer = await context.request.get(src)
      assert.equal(answer.headers()['content-type'].split(';')[0], type)
      if (sizes === 'any') continue
      // Width and height stand at fixed places of a PNG.
      const bytes = await answer.body()
      assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, sizes)
    }
    const { installabilityErrors } = await line.send('Page.getInstallabilityErrors')
    // Contexts of tests are like private windows, which nothing is installed from.
    assert.deepEqual(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'), [])
    const colour = () => page.locator('meta[name="theme-color"]').getAttribute('content')
    await page.emulateMedia({ colorScheme: 'dark' })
    await eventually(async () => (await colour()) === '#0e0f12', 'the dark colour')
    await page.emulateMedia({ colorScheme: 'light' })
    await eventually(async () => (await colour()) === '#ffffff', 'the light colour')
  }))
