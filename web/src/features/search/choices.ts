/** A conversation, or a message in it. */
export type PlaceChoice = {
  id: string
  title: string
  path: string
  when: string
  snippet?: string
  /** The server has found it: while it looks for newer words, for those before them. */
  isTold?: true
}

/** Something to do. */
export type CommandChoice = {
  id: string
  title: string
  /** Its shortcut, as it is written. */
  keys?: string
  /** What there is to know about it. */
  note?: string
  /** It is what is chosen already. */
  current?: boolean
  act: () => void
  /** `act` takes the focus somewhere; else it goes back to where it was. */
  takesFocus?: boolean
}

export type Choice = PlaceChoice | CommandChoice

export type Group = { name: string; choices: Choice[] }
