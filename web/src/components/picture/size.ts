export type Size = { width: number; height: number }

const largest = 20_000

/** The size of an image as a sandboxed page tells it, if it is one. */
export function readSize(data: unknown): Size | undefined {
  const { width, height } = (data ?? {}) as Record<string, unknown>
  return isSide(width) && isSide(height) ? { width, height } : undefined
}

const isSide = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 1 && value <= largest
