/** Which conversations of the sidebar are selected, while it is for selecting. */
import { create } from 'zustand'

/** A row of the sidebar. A conversation may stand in two places. */
export type Row = { key: string; id: number }

type Selection = { on: boolean; ids: ReadonlySet<number>; anchor: string | null }

const nothing: Selection = { on: false, ids: new Set(), anchor: null }

export const useSelection = create<Selection>(() => nothing)

export const beginSelecting = (id?: number) =>
  useSelection.setState({ on: true, ids: new Set(id === undefined ? [] : [id]), anchor: null })

export const endSelecting = () => useSelection.setState(nothing)

/** Selects a row or takes it out; with `rows`, those in sight, all from the one that was chosen before to this one. */
export function choose(row: Row, rows?: Row[]) {
  useSelection.setState(({ ids, anchor }) => {
    const isWanted = !ids.has(row.id)
    const [from, to] = [anchor, row.key].map((key) => rows?.findIndex((one) => one.key === key) ?? -1) as [
      number,
      number,
    ]
    const chosen = from < 0 || to < 0 ? [row] : (rows ?? []).slice(Math.min(from, to), Math.max(from, to) + 1)
    const next = new Set(ids)
    for (const { id } of chosen) {
      if (isWanted) next.add(id)
      else next.delete(id)
    }
    return { ids: next, anchor: row.key }
  })
}

/** Selects all of these, or none if they are all selected. */
export function chooseAll(rows: Row[]) {
  useSelection.setState(({ ids }) => ({
    ids: new Set(rows.every(({ id }) => ids.has(id)) ? [] : rows.map(({ id }) => id)),
    anchor: null,
  }))
}
