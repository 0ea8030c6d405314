/** Things a person can do from anywhere. Menu, keyboard and search read one list. */
import { create } from 'zustand'

export type Command = {
  /** One of `keys`, if there is a shortcut for it. */
  id: string
  perform: () => void
  /** Whether a press is the browser's for now. */
  isOff?: () => boolean
}

type Keys = { key: string; shift?: true; alt?: true }

/** The shortcuts, by command: pressed with Ctrl or Cmd, or with Alt where `alt` says so, and Shift where `shift` does. */
export const keys = {
  search: { key: 'k' },
  'new-chat': { key: 'o', shift: true },
  sidebar: { key: 's', shift: true },
  model: { key: 'm', shift: true },
  'copy-answer': { key: 'c', shift: true },
  'copy-code': { key: ';', shift: true },
  previous: { key: 'arrowup', alt: true },
  next: { key: 'arrowdown', alt: true },
  find: { key: 'f' },
  shortcuts: { key: '/' },
} as const satisfies Record<string, Keys>

export type Shortcut = keyof typeof keys

export const useCommands = create<{ commands: Command[] }>(() => ({ commands: [] }))

/** Adds commands while a component is there; the answer takes them away again. */
export function register(commands: Command[]): () => void {
  useCommands.setState((state) => ({ commands: [...state.commands, ...commands] }))
  return () => useCommands.setState((state) => ({ commands: state.commands.filter((one) => !commands.includes(one)) }))
}

export const perform = (id: string) =>
  useCommands
    .getState()
    .commands.findLast((one) => one.id === id)
    ?.perform()

export const isApple = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '')

const arrows: Record<string, string> = { arrowup: '↑', arrowdown: '↓' }

/** How a shortcut is written on this machine: ⇧⌘O or Ctrl+Shift+O. */
export function shortcut(id: Shortcut): string {
  const { key, shift, alt }: Keys = keys[id]
  const sign = arrows[key] ?? key.toUpperCase()
  if (isApple) return `${shift ? '⇧' : ''}${alt ? '⌥' : '⌘'}${sign}`
  return `${alt ? 'Alt' : 'Ctrl'}+${shift ? 'Shift+' : ''}${sign}`
}

/** Enter with the key that makes a shortcut of it, as it is written on this machine. */
export const withEnter = isApple ? '⌘Enter' : 'Ctrl+Enter'

/** Whether arrows with Alt mean something there: in a choice, in a dialog, and on Apple's machines in a text. */
const ownsArrows = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.closest('select, [role="dialog"], [role="menu"]') !== null ||
    (isApple && target instanceof HTMLTextAreaElement && target.value !== ''))

/** Performs the command that a key press names. */
export function runShortcut(event: KeyboardEvent) {
  const { altKey, shiftKey } = event
  if (event.defaultPrevented || altKey === (event.ctrlKey || event.metaKey)) return
  if (altKey && ownsArrows(event.target)) return
  // With Shift a semicolon is a colon on many keyboards.
  const pressed = event.key === ':' ? ';' : event.key.toLowerCase()
  // On some keyboards a sign such as / is written with Shift.
  const isShift = (wanted = false) => wanted === shiftKey || !/[a-z]/.test(pressed)
  const named = Object.entries<Keys>(keys).find(
    ([, { key, shift, alt = false }]) => key === pressed && alt === altKey && isShift(shift),
  )
  const found = named && useCommands.getState().commands.findLast((one) => one.id === named[0])
  if (!found || found.isOff?.()) return
  event.preventDefault()
  found.perform()
}
