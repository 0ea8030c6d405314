// Runs in the newer Node that Lighthouse needs: loads pages in a browser of its own and prints what each scored.
//
// One line of JSON on the standard input says which: `{ pages: [{ url, cookies, form }], chrome }`; one line a page comes out.

import { launch } from 'chrome-launcher'
import lighthouse, { desktopConfig } from 'lighthouse'

const { pages, chrome: chromePath } = JSON.parse(await textOf(process.stdin))
const chromeFlags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic']

for (const page of pages) {
  // A browser for each: nothing of the page before is cached or runs on.
  const chrome = await launch({ chromePath, chromeFlags, logLevel: 'silent' })
  try {
    await giveCookies(chrome.port, page.cookies ?? [])
    const { lhr } = await lighthouse(page.url, settings(chrome.port), page.form === 'desktop' ? desktopConfig : undefined)
    console.log(JSON.stringify(summary(lhr)))
  } finally {
    chrome.kill()
  }
}

function settings(port) {
  return {
    port,
    logLevel: 'silent',
    output: 'json',
    onlyCategories: ['performance', 'accessibility', 'best-practices'],
    // The browser is new, and what was signed in for it should stay.
    disableStorageReset: true,
  }
}

/** Signs the browser in. Extra headers would not do: what workers ask goes without them. */
async function giveCookies(port, cookies) {
  const { webSocketDebuggerUrl } = await (await fetch(`http://127.0.0.1:${port}/json/version`)).json()
  const line = new WebSocket(webSocketDebuggerUrl)
  await new Promise((resolve, reject) => {
    line.onerror = () => reject(new Error('the browser cannot be reached'))
    line.onopen = () => line.send(JSON.stringify({ id: 1, method: 'Storage.setCookies', params: { cookies } }))
    line.onmessage = ({ data }) => {
      const { error } = JSON.parse(data)
      if (error) reject(new Error(error.message))
      else resolve()
    }
  })
  line.close()
}

/** The scores, the times that web vitals are judged by, and what was found wrong. */
function summary({ finalDisplayedUrl, runtimeError, categories, audits }) {
  const score = (name) => Math.round((categories[name].score ?? 0) * 100)
  const value = (name) => audits[name]?.numericValue ?? Number.NaN
  const wrong = ['accessibility', 'best-practices'].flatMap((name) =>
    categories[name].auditRefs.filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 1),
  )
  return {
    url: finalDisplayedUrl,
    error: runtimeError?.message,
    performance: score('performance'),
    accessibility: score('accessibility'),
    practices: score('best-practices'),
    lcp: value('largest-contentful-paint'),
    fcp: value('first-contentful-paint'),
    tbt: value('total-blocking-time'),
    cls: value('cumulative-layout-shift'),
    wrong: wrong.map(({ id }) => `${id}: ${JSON.stringify(audits[id].details?.items ?? audits[id].title).slice(0, 600)}`),
  }
}

async function textOf(stream) {
  let text = ''
  for await (const piece of stream) text += piece
  return text
}
