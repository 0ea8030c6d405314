/** How often an answer that grows is drawn: a processor that takes long for a drawing is left the time for everything else. */

/** Often enough to look alive, in milliseconds. */
const least = 40
const most = 200
/** Drawing takes one part of the time, out of so many. */
const parts = 5

let pause = least

/** From the beginning of one drawing to that of the next, in milliseconds. */
export const drawingPause = () => pause

/** What a drawing may cost leads to the pause that follows it. */
export const pauseFor = (cost: number) => Math.min(most, Math.max(least, cost * parts))

/** Call it as what is drawn changes. The wait for the next frame is no cost; a page that is not in sight has none. */
export function watchDrawing() {
  const begun = performance.now()
  afterThisTask(() => {
    const script = performance.now() - begun
    requestAnimationFrame(() => {
      const frame = performance.now()
      afterThisTask(() => {
        pause = pauseFor(script + performance.now() - frame)
      })
    })
  })
}

function afterThisTask(run: () => void) {
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    port1.close()
    run()
  }
  port2.postMessage(null)
}
