// Sees what must not happen in a page: code that runs, dialogs, requests to strangers, ways out, and what the policy stopped.

import { rest } from './chat.js'

const STRANGE = /^(?!data:|blob:|about:)/

/** What no answer may put into a page, whatever it says. */
function lookForLeftovers() {
  const found = []
  const pages = document.querySelectorAll('[role="log"], main, nav, dialog, [role="dialog"], [data-sonner-toaster]')
  for (const node of new Set([...pages].flatMap((one) => [...one.querySelectorAll('*')]))) {
    const name = node.localName
    const say = (what) => found.push(`${what}: ${node.outerHTML.slice(0, 200)}`)
    if (/^(script|object|embed|base|meta|link|style|form|portal|frameset|template|applet|marquee)$/.test(name)) {
      // Forms and their fields are the app's own, and stand outside of messages.
      if (name !== 'form' || node.closest('article')) say('element')
    }
    if (name === 'iframe' && !/^\/assets\/sandbox\//.test(node.getAttribute('src'))) say('frame')
    if (name === 'iframe' && node.getAttribute('sandbox') !== 'allow-scripts') say('frame')
    for (const { name: key, value } of node.attributes) {
      const plain = value.replace(/[\u0000-\u0020\u00a0\u200b\ufeff]/g, '').toLowerCase()
      if (key.startsWith('on') || ['srcdoc', 'srcset', 'formaction', 'ping', 'background', 'poster'].includes(key)) say(key)
      if (key === 'style' && /url\(|expression|behavior/i.test(value)) say('style')
      if (['href', 'xlink:href', 'src', 'action', 'data'].includes(key)) {
        // An image that is not sent yet is shown from the page's own memory.
        const kept = plain.startsWith(`blob:${location.origin}/`)
        const own = key === 'src' && (kept || /^(\/|data:image\/svg\+xml)/.test(plain))
        const link = key === 'href' && name === 'a' && /^(https?:|mailto:|\/|#)/.test(plain)
        if (!own && !link) say(key)
        if (link && /^(https?:|mailto:)/.test(plain)) {
          if (node.rel !== 'noopener noreferrer' || node.target !== '_blank') say('link')
        }
        if (link && node.closest('.prose-answer') && plain.startsWith('/')) say('link')
      }
    }
  }
  return found
}

/** Presses everything in the messages that is no button and no link to elsewhere. */
const pressAll = () => {
  for (const node of document.querySelectorAll('article *')) {
    if (node.closest('button, summary, a[href^="http"], a[href^="mailto:"]')) continue
    if (typeof node.click === 'function') node.click()
    node.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }))
    node.dispatchEvent(new FocusEvent('focus'))
  }
}

/** Waits until the page has drawn what came into sight, and has nothing left to do. */
export async function drawn(page) {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))))
  await rest(page)
}

/** Waits until all that is in sight is there, also diagrams, one after the other. */
export async function complete(page) {
  await drawn(page)
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached', timeout: 300_000 })
}

/** Watches a page from now on. `seen` grows by each thing that must not happen. */
export async function spying(page) {
  const seen = []
  const home = () => {
    const url = new URL(page.url())
    return url.protocol === 'about:' ? null : url.host
  }
  await page.exposeBinding('__saw', (_source, what) => void seen.push(what))
  await page.addInitScript(() => {
    let held
    Object.defineProperty(window, '__fired', {
      get: () => held,
      set: (value) => {
        held = value
        window.__saw(`ran in ${location.href.slice(0, 80)}`)
      },
    })
    document.addEventListener('securitypolicyviolation', (event) =>
      window.__saw(
        `${location.pathname.startsWith('/assets/sandbox/') ? 'sandbox: ' : ''}policy ${event.effectiveDirective} stopped ${event.blockedURI}`,
      ),
    )
  })
  page.on('dialog', (dialog) => {
    seen.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  const strange = (request) => {
    const url = new URL(request.url())
    // What the policy stopped has not left, and is reported by the page.
    if (request.failure()?.errorText === 'csp') return
    if (STRANGE.test(request.url()) && url.host !== home()) seen.push(`request ${request.url()}`)
  }
  page.context().on('requestfinished', strange)
  page.context().on('requestfailed', strange)
  page.context().on('page', (opened) => seen.push(`page ${opened.url()}`))
  page.on('framenavigated', (frame) => {
    const isOwn = /^(about:|https?:\/\/127\.0\.0\.1[:/])/.test(frame.url())
    if (!isOwn) seen.push(`navigation ${frame.url().slice(0, 80)}`)
  })
  return {
    seen,
    forget: () => void seen.splice(0),
    leftovers: () => page.evaluate(lookForLeftovers),
    /** Scrolls through all of it, so that everything is drawn, and presses what is there. */
    async readThrough(box) {
      const address = page.url()
      await drawn(page)
      // What is pressed may scroll too, so that the way down is counted here.
      for (let at = 0, end = 0; at <= end; ) {
        await box.evaluate((node, at) => (node.scrollTop = at), at)
        await complete(page)
        await page.evaluate(pressAll)
        const { height, seen } = await box.evaluate((node) => ({ height: node.scrollHeight, seen: node.clientHeight }))
        end = height - seen
        at = at < end ? Math.min(at + seen * 0.8, end) : end + 1
      }
      if (page.url() !== address) seen.push(`navigation ${page.url()}`)
    },
  }
}
