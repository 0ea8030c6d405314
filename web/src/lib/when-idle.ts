const idle: (run: () => void) => unknown = globalThis.requestIdleCallback ?? ((run) => setTimeout(run, 1_500))

/**
 * Runs something once everything else is quiet, `after` milliseconds from now at the earliest: over a slow line the page
 * itself comes first. It gives nothing back: an effect may end with it.
 */
export function whenIdle(run: () => void, after = 0): void {
  if (after > 0) setTimeout(() => idle(run), after)
  else idle(run)
}
