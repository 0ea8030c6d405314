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

export const isApple = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '')

/** How a shortcut is written on this machine: ⇧⌘O or Ctrl+Shift+O. */
export function shortcut(key: string, shift = false): string {
  if (isApple) return `${shift ? '⇧' : ''}⌘${key.toUpperCase()}`
  return `Ctrl+${shift ? 'Shift+' : ''}${key.toUpperCase()}`
}

/** Performs the command that a key press names. */
export function runShortcut(event: KeyboardEvent) {
  if (event.defaultPrevented || event.altKey || !(event.ctrlKey || event.metaKey)) return
  const found = useCommands
    .getState()
    .commands.findLast((one) => one.key === event.key.toLowerCase() && Boolean(one.shift) === event.shiftKey)
  if (!found) return
  event.preventDefault()
  found.perform()
}
