/** Things a person can do from anywhere. Menu, keyboard and search read one list. */
import { create } from 'zustand'

export type Command = {
  id: string
  /** Letter or sign pressed with Ctrl or Cmd, and Shift where `shift` says so. */
  key?: string
  shift?: boolean
  perform: () => void
}

export const useCommands = create<{ commands: Command[] }>(() => ({ commands: [] }))

/** Adds commands while a component is there; the answer takes them away again. */
export function register(commands: Command[]): () => void {
  useCommands.setState((state) => ({ commands: [...state.commands, ...commands] }))
  return () => useCommands.setState((state) => ({ commands: state.commands.filter((one) => !commands.includes(one)) }))
}

export const perform = (id: string) =>
  useCommands
    .getState()
    .commands.find((one) => one.id === id)
    ?.perform()

export const isApple = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '')

/** How a shortcut is written on this machine: ⇧⌘O or Ctrl+Shift+O. */
export function shortcut(key: string, shift = false): string {
  if (isApple) return `${shift ? '⇧' : ''}⌘${key.toUpperCase()}`
  return `Ctrl+${shift ? 'Shift+' : ''}${key.toUpperCase()}`
}

/** Performs the command that a key press names. */
export function runShortcut(event: KeyboardEvent) {
  if (event.defaultPrevented || event.altKey || !(event.ctrlKey || event.metaKey)) return
  const key = event.key.toLowerCase()
  // On some keyboards a sign such as / is written with Shift.
  const isShift = (wanted: boolean) => wanted === event.shiftKey || !/[a-z]/.test(key)
  const found = useCommands.getState().commands.findLast((one) => one.key === key && isShift(Boolean(one.shift)))
  if (!found) return
  event.preventDefault()
  found.perform()
}
