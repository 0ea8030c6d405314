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
    const { lhr, artifacts } = await lighthouse(page.url, settings(chrome.port), page.form === 'desktop' ? desktopConfig : undefined)
    const slower = lhr.configSettings.throttling.cpuSlowdownMultiplier
    console.log(JSON.stringify({ ...summary(lhr), blocking: blocking(artifacts.Trace.traceEvents, slower) }))
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

/**
 * How long the page could not have answered, in milliseconds: what each task takes beyond 50 on a processor so many times
 * slower. It counts the time that the thread had, where `tbt` counts the clock, so that what else runs on the machine makes
 * it little longer; and from the beginning, because the first paint comes late on a busy machine.
 */
function blocking(events, slower) {
  const isStart = ({ name, args }) =>
    name === 'navigationStart' && args.data?.isOutermostMainFrame && /^http/.test(args.data.documentLoaderURL)
  const start = events.findLast(isStart)
  if (!start) return Number.NaN
  const isTask = ({ name, pid, tid, ts }) =>
    name.endsWith('RunTask') && pid === start.pid && tid === start.tid && ts >= start.ts
  return events.filter(isTask).reduce((sum, { tdur = 0 }) => sum + Math.max(0, (tdur / 1000) * slower - 50), 0)
}

async function textOf(stream) {
  let text = ''
  for await (const piece of stream) text += piece
  return text
}
