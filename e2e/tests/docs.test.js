// The pages that show the API, and the addresses where a browser and a program are told different things.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPage, picturing } from '../lib/browser.js'
import { judge } from '../lib/budgets.js'
import * as chat from '../lib/chat.js'
import { signUp, stage } from '../lib/stage.js'

const { set } = stage()

/** Both tools are large: less than this is a measurement that failed. */
const least = 100

/** Opens a page that shows the API, and notes what it brings and what its policy forbids it. */
async function open(path, options = {}) {
  const { page, complaints } = await openPage(set.browser, set.programs.url, options)
  const brought = []
  page.on('response', async (response) => {
    if (response.url().includes('/assets/')) brought.push(await response.headerValue('content-length'))
  })
  await page.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`${violatedDirective} forbids ${blockedURI}`),
    ),
  )
  await page.goto(path)
  return { page, complaints, size: () => brought.reduce((sum, bytes) => sum + Number(bytes), 0) / 1024 }
}

const documents = async () => (await (await fetch(`${set.programs.url}/api`)).json()).documents

for (const colorScheme of ['light', 'dark']) {
  test(`Swagger UI shows every document and asks the server, ${colorScheme}`, async () => {
    const { page, complaints, size } = await open('/docs', { colorScheme })
    await picturing(page, `docs-${colorScheme}`, async () => {
      await page.locator('.opblock').first().waitFor()
      const health = page.locator('.opblock').filter({ hasText: '/health' }).first()
      await health.locator('.opblock-summary-control').click()
      await health.getByRole('button', { name: 'Try it out' }).click()
      await health.getByRole('button', { name: 'Execute' }).click()
      await health.locator('.live-responses-table').getByText('"service": "colloquy"').first().waitFor()
      assert.ok(size() > least, `${size()} KiB`)
      judge('API reference, KiB of gzip', [{ what: '/docs', is: size(), aim: 500, stop: 550 }])
      for (const { name, title } of await documents()) {
        await page.locator('#documents').selectOption(name)
        await page.waitForURL(`**/docs?api=${name}`)
        await page.locator('.opblock').first().waitFor()
        await page.locator('#reference .info h1').filter({ hasText: title }).waitFor()
        assert.equal(await page.locator('#documents').inputValue(), name)
        assert.equal(await page.locator('.errors-wrapper').count(), 0, name)
      }
    })
    assert.deepEqual(complaints, [])
    await page.context().close()
  })

  test(`ReDoc shows every document and searches it, ${colorScheme}`, async () => {
    const { page, complaints, size } = await open('/redoc', { colorScheme })
    await picturing(page, `redoc-${colorScheme}`, async () => {
      await page.locator('[data-section-id^="tag/"]').first().waitFor()
      assert.ok(size() > least, `${size()} KiB`)
      judge('API reference, KiB of gzip', [{ what: '/redoc', is: size(), aim: 330, stop: 380 }])
      await page.getByPlaceholder('Search...').fill('health')
      await page.locator('[data-role="search:results"]').getByText(/lives/).first().waitFor()
      for (const { name, title } of await documents()) {
        await page.goto(`/redoc?api=${name}`)
        await page.locator('[id^="operation/"], [id^="tag/"]').first().waitFor()
        await page.locator('#reference h1').filter({ hasText: title }).first().waitFor()
      }
    })
    assert.deepEqual(complaints, [])
    await page.context().close()
  })
}

test('a browser gets the app where a program gets a banner, and `/chat` is a new chat', async () => {
  const banner = await fetch(set.programs.url)
  assert.equal(banner.headers.get('content-type'), 'application/json')
  assert.equal((await banner.json()).docs, '/docs')

  const { page, complaints } = await openPage(set.browser, set.programs.url, { serviceWorkers: 'allow' })
  await signUp(page.context())
  await page.goto('/chat')
  await chat.message(page).waitFor()
  assert.equal(new URL(page.url()).pathname, '/')
  const kept = await page.evaluate(async () => {
    await navigator.serviceWorker.ready
    const [shell] = await caches.keys()
    const page = await (await caches.open(shell)).match('/', { ignoreVary: true })
    return page.headers.get('content-type')
  })
  assert.equal(kept, 'text/html; charset=utf-8')
  assert.deepEqual(complaints, [])
  await page.context().close()
})
