/** Picking a model from elsewhere than the picker of the page. */
type Picker = {
  /** The model that the page shows. */
  value: string | null
  pick: (id: string) => void
}

let there: Picker | undefined
let awaited: string | undefined

/** The picker of a page is there; the answer takes it away. It gets at once what was picked before there was one. */
export function offerPicker(picker: Picker): () => void {
  there = picker
  if (awaited !== undefined) {
    const id = awaited
    awaited = undefined
    // A page that has just come first forgets what was picked on the one before.
    queueMicrotask(() => picker.pick(id))
  }
  return () => {
    if (there === picker) there = undefined
  }
}

/** The model of the page that is open, if it has one. */
export const pickedModel = () => there?.value ?? null

/** Picks a model for the page that is open. False if that has no use for one: then the next that has gets it. */
export function pickModel(id: string): boolean {
  if (there) there.pick(id)
  else awaited = id
  return there !== undefined
}
