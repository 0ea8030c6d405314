import type { Row } from './selection'

/** The rows that can be selected, in the order in which they are seen. */
export function rowsIn(part: Element): Row[] {
  const rows = part.closest('nav')?.querySelectorAll<HTMLElement>('input[data-row]') ?? []
  return [...rows].map(({ dataset: { row = '' } }) => ({ key: row, id: Number(row.split(':').at(-1)) }))
}
