const idle: (run: () => void) => unknown = globalThis.requestIdleCallback ?? ((run) => setTimeout(run, 1_500))

/**
 * Runs something once everything else is quiet, `after` milliseconds from now at the earliest: over a slow line the page
 * itself comes first. It gives nothing back: an effect may end with it.
 */
export function whenIdle(run: () => void, after = 0): void {
  if (after > 0) setTimeout(() => idle(run), after)
  else idle(run)
}

/**
 * Begins something once everything else is quiet, but after `within` milliseconds in any case. What is given back ends it, or
 * keeps it from beginning.
 */
export function beginWhenIdle(begin: () => () => void, within: number): () => void {
  let isOver = false
  let end: (() => void) | undefined
  const start = () => {
    if (!isOver) end ??= begin()
  }
  idle(start)
  const latest = setTimeout(start, within)
  return () => {
    isOver = true
    clearTimeout(latest)
    end?.()
  }
}
