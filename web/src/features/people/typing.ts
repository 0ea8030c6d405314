/** While somebody types it is told this often, in milliseconds. */
export const repeatMs = 3_000
/** After so long without a change nobody types any more. */
export const restMs = 4_000

/** Tells that somebody has begun to type, goes on, and has ended: seldom, however fast the keys. */
export function typingTeller(tell: (typing: boolean) => void) {
  let toldAt = Number.NEGATIVE_INFINITY
  let isTyping = false
  let timer: ReturnType<typeof setTimeout> | undefined

  function end() {
    clearTimeout(timer)
    if (!isTyping) return
    isTyping = false
    toldAt = Number.NEGATIVE_INFINITY
    tell(false)
  }

  return {
    isTyping: () => isTyping,
    /** The text has changed; what was sent or deleted is typed no more. */
    changed(text: string) {
      if (text.trim() === '') return end()
      clearTimeout(timer)
      timer = setTimeout(end, restMs)
      isTyping = true
      if (Date.now() - toldAt < repeatMs) return
      toldAt = Date.now()
      tell(true)
    },
    end,
  }
}
