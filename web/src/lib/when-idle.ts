const idle: (run: () => void) => unknown = globalThis.requestIdleCallback ?? ((run) => setTimeout(run, 1_500))

/** Runs something once everything else is quiet. It gives nothing back: an effect may end with it. */
export function whenIdle(run: () => void): void {
  idle(run)
}
