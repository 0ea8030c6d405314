// From a key or a click to the frame that shows what it does, by the clock of the page itself.

/**
 * How long it takes, in ms, from the next key or click in the page until an element that `selector` fits and that holds
 * `text` is drawn. `act` presses.
 */
export async function untilPainted(page, act, { selector, text = '' }) {
  await page.evaluate(
    ([selector, text]) => {
      let begun
      const begin = (event) => {
        begun ??= event.timeStamp
      }
      for (const kind of ['keydown', 'pointerdown', 'click']) addEventListener(kind, begin, { capture: true })
      const isThere = () =>
        [...document.querySelectorAll(selector)].some((one) => one.textContent.includes(text) && one.checkVisibility())
      if (isThere()) throw new Error(`${selector} is there already`)
      globalThis.painted = new Promise((resolve) => {
        const look = () => {
          if (begun === undefined || !isThere()) return
          watcher.disconnect()
          for (const kind of ['keydown', 'pointerdown', 'click']) removeEventListener(kind, begin, { capture: true })
          // A message that is sent as a frame begins arrives when that frame has been drawn.
          requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel()
            port1.onmessage = () => resolve(performance.now() - begun)
            port2.postMessage(null)
          })
        }
        const watcher = new MutationObserver(look)
        watcher.observe(document, { childList: true, subtree: true, attributes: true, characterData: true })
      })
    },
    [selector, text],
  )
  await act()
  return page.evaluate(() => globalThis.painted)
}
