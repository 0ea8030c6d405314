/** Things a person can do from anywhere. Menu, keyboard and search read one list. */
import { create } from 'zustand'

export type Command = {
  /** One of `keys`, if there is a shortcut for it. */
  id: string
  perform: () => void
}

type Keys = { key: string; shift?: true }

/** The shortcuts, by command: a letter or sign pressed with Ctrl or Cmd, and Shift where `shift` says so. */
export const keys = {
  search: { key: 'k' },
  'new-chat': { key: 'o', shift: true },
  sidebar: { key: 's', shift: true },
  model: { key: 'm', shift: true },
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

/** How a shortcut is written on this machine: ⇧⌘O or Ctrl+Shift+O. */
export function shortcut(id: Shortcut): string {
  const { key, shift }: Keys = keys[id]
  if (isApple) return `${shift ? '⇧' : ''}⌘${key.toUpperCase()}`
  return `Ctrl+${shift ? 'Shift+' : ''}${key.toUpperCase()}`
}

/** Enter with the key that makes a shortcut of it, as it is written on this machine. */
export const withEnter = isApple ? '⌘Enter' : 'Ctrl+Enter'

/** Performs the command that a key press names. */
export function runShortcut(event: KeyboardEvent) {
  if (event.defaultPrevented || event.altKey || !(event.ctrlKey || event.metaKey)) return
  const pressed = event.key.toLowerCase()
  // On some keyboards a sign such as / is written with Shift.
  const isShift = (wanted: boolean) => wanted === event.shiftKey || !/[a-z]/.test(pressed)
  const named = Object.entries<Keys>(keys).find(([, { key, shift }]) => key === pressed && isShift(Boolean(shift)))
  const found = named && useCommands.getState().commands.findLast((one) => one.id === named[0])
  if (!found) return
  event.preventDefault()
  found.perform()
}
