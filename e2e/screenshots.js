// Pictures of the main screens. Without arguments those of the README and its fellows, into docs/screenshots/; with
// `--all <directory>` every screen in more sizes and in Italian too, to be looked at.

import { mkdir } from 'node:fs/promises'
import { launch, openPage } from './lib/browser.js'
import * as chat from './lib/chat.js'
import { startPrograms } from './lib/programs.js'
import { startTeller } from './lib/teller.js'

const all = process.argv[2] === '--all'
const directory = all ? process.argv[3] : new URL('../docs/screenshots', import.meta.url).pathname
if (!directory) throw new Error('--all needs a directory')

const sizes = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 780 }, deviceScaleFactor: 1, hasTouch: true, isMobile: true },
  ...(all
    ? {
        narrow: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
        tablet: { viewport: { width: 768, height: 1024 } },
        wide: { viewport: { width: 1920, height: 1080 } },
      }
    : {}),
}

const answer = `Yes. Replicate the tables to the new server, and switch over when the lag is zero.

1. Copy the schema, then subscribe.
2. Watch \`pg_stat_subscription\` until nothing is behind.
3. Point the application to the new primary.

\`\`\`bash
pg_dump --schema-only app | psql --host new app
psql --host new app --command "CREATE SUBSCRIPTION upgrade
  CONNECTION 'host=old dbname=app' PUBLICATION everything"
\`\`\`

| step | takes | stops writes |
| --- | ---: | --- |
| copy | 40 min | no |
| catch up | 5 min | no |
| switch | 20 s | **yes** |

The pause is $t = \\frac{l}{r}$ seconds, for a lag of $l$ rows at $r$ rows a second.`

const earlier = [
  'Plan a weekend in Turin',
  'Rewrite the release notes for people',
  'Why does my sourdough stay flat?',
  'Explain CRDTs with a shopping list',
  'Interview questions for a designer',
  'Translate the museum brochure',
]

const teller = await startTeller(['sonata-2'])
const programs = await startPrograms({ provider: teller.url })
const browser = await launch()
try {
  await mkdir(directory, { recursive: true })
  const { state, path, shared } = await prepare()
  const screens = {
    'sign-in': { path: '/login', ready: (page) => page.getByLabel('Password', { exact: true }), open: true },
    'new-chat': { path: '/', ready: chat.message },
    conversation: { path, ready: (page) => page.locator('.katex').first() },
    search: { path, ready: (page) => page.locator('.katex').first(), then: search },
    settings: { path: '/settings', ready: (page) => page.locator('h1').first() },
    shared: { path: shared, ready: (page) => page.locator('.katex').first(), open: true },
    ...(all
      ? {
          register: { path: '/register', ready: (page) => page.locator('form'), open: true },
          reset: { path: '/reset', ready: (page) => page.locator('form'), open: true },
          share: { path, ready: (page) => page.locator('.katex').first(), then: shareIt },
          ...Object.fromEntries(
            ['profile', 'security', 'model', 'data', 'shortcuts'].map((tab) => [
              tab,
              { path: `/settings/${tab}`, ready: (page) => page.locator('h2').first() },
            ]),
          ),
          gone: { path: '/c/1', ready: (page) => page.locator('h1, h2').first() },
        }
      : {}),
  }
  for (const [size, options] of Object.entries(sizes))
    for (const theme of ['light', 'dark'])
      for (const [name, screen] of Object.entries(screens))
        for (const locale of all && theme === 'light' ? ['en-GB', 'it-IT'] : ['en-GB'])
          await picture(`${name}-${size}-${theme}${locale === 'it-IT' ? '-it' : ''}`, screen, {
            ...options,
            locale,
            colorScheme: theme,
            reducedMotion: 'reduce',
            ...(screen.open ? {} : { storageState: state }),
          })
} finally {
  await browser.close()
  await programs.stop()
  await teller.stop()
}

/** An account with something in it. */
async function prepare() {
  const { page } = await openPage(browser, programs.url)
  const { request } = page.context()
  const headers = { 'X-Colloquy-Web': '1' }
  const ada = { username: 'ada', email: 'ada@example.org', full_name: 'Ada Bianchi', password: 'correct horse battery' }
  await request.post('/api/v1/auth/register', { headers, data: ada })
  await request.patch('/api/v1/me', { data: { full_name: ada.full_name } })
  const group = await (await request.post('/api/v1/groups', { data: { name: 'Work' } })).json()
  const made = []
  for (const title of earlier)
    made.push((await (await request.post('/api/v1/conversations', { data: { title } })).json()).id)
  await request.patch(`/api/v1/conversations/${made[1]}`, { data: { favorite: true } })
  await request.patch(`/api/v1/conversations/${made[4]}`, { data: { group_id: group.id } })
  await page.goto('/')
  await chat.message(page).waitFor()
  teller.next(answer, { rate: 0 })
  await chat.ask(page, 'Can we go from Postgres 14 to 17 with less than a minute of downtime?')
  const path = await chat.address(page)
  const id = path.split('/').at(-1)
  await request.patch(`/api/v1/conversations/${id}`, { data: { title: 'Postgres upgrade plan' } })
  const { token } = await (await request.post(`/api/v1/conversations/${id}/share`)).json()
  const state = await page.context().storageState()
  await page.context().close()
  return { state: { ...state, origins: [] }, path, shared: `/s/${token}` }
}

async function search(page) {
  await page.keyboard.press('Control+k')
  await page.getByRole('searchbox').fill('postgres')
  await page.locator('mark').first().waitFor()
}

async function shareIt(page) {
  await page.locator('header [aria-haspopup="menu"]').last().click()
  await page.getByRole('menuitem').filter({ hasText: /…$/ }).first().click()
  await page.getByRole('dialog').waitFor()
}

async function picture(name, { path, ready, then }, options) {
  const { page } = await openPage(browser, programs.url, options)
  try {
    await page.goto(path)
    await ready(page).waitFor({ timeout: 10_000 })
    await then?.(page)
    await page.evaluate(() => document.fonts.ready)
    await page.waitForTimeout(700)
    await page.screenshot({ path: `${directory}/${name}.png`, animations: 'disabled', caret: 'hide' })
  } catch (error) {
    console.error(`${name}: ${error.message.split('\n')[0]}`)
    process.exitCode = 1
  } finally {
    await page.context().close()
  }
}
