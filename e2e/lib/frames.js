// What a page costs while something goes on: its frames, its long tasks, its script; and the page on a slower machine.

/** Notes frames and long tasks from now on; `stop` gives them, and how long the page ran scripts, all in ms. */
export async function watchFrames(page) {
  await page.evaluate(() => {
    const seen = { frames: [], tasks: [], on: true }
    globalThis.seenFrames = seen
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.tasks.push(duration)
    }).observe({ type: 'longtask' })
    let last = performance.now()
    const frame = (now) => {
      seen.frames.push(now - last)
      last = now
      if (seen.on) requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
  const line = await page.context().newCDPSession(page)
  // By the time that the page's thread has: what else runs on the machine makes it no longer.
  await line.send('Performance.enable', { timeDomain: 'threadTicks' })
  const script = async () =>
    (await line.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'ScriptDuration').value * 1000
  const before = await script()
  return async () => {
    const spent = (await script()) - before
    const { frames, tasks } = await page.evaluate(() => {
      globalThis.seenFrames.on = false
      return globalThis.seenFrames
    })
    await line.detach()
    return { frames, tasks, script: spent }
  }
}

/** The value below which a share of all values lies. */
export const at = (values, share) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? 0

export const median = (values) => at(values, 0.5)

/** Makes the page's processor so many times slower, until the answer is called. */
export async function slowDown(page, times) {
  const line = await page.context().newCDPSession(page)
  await line.send('Emulation.setCPUThrottlingRate', { rate: times })
  return async () => {
    await line.send('Emulation.setCPUThrottlingRate', { rate: 1 })
    await line.detach()
  }
}
