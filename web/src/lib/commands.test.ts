import { afterEach, expect, test, vi } from 'vitest'
import { keys, register, runShortcut, type Shortcut, shortcut } from './commands'

let leave: (() => void) | undefined
afterEach(() => leave?.())

function press(init: KeyboardEventInit, target: HTMLElement = document.body) {
  const event = new KeyboardEvent('keydown', { cancelable: true, bubbles: true, ...init })
  target.addEventListener('keydown', runShortcut, { once: true })
  target.dispatchEvent(event)
  return event.defaultPrevented
}

test('every shortcut performs its own command, and is written once', () => {
  const performed = vi.fn()
  const ids = Object.keys(keys) as Shortcut[]
  leave = register(ids.map((id) => ({ id, perform: () => performed(id) })))
  for (const id of ids) {
    const { key, shift, alt }: { key: string; shift?: true; alt?: true } = keys[id]
    expect(press({ key, shiftKey: Boolean(shift), altKey: Boolean(alt), ctrlKey: !alt })).toBe(true)
    expect(performed).toHaveBeenLastCalledWith(id)
  }
  expect(new Set(ids.map(shortcut)).size).toBe(ids.length)
  expect(press({ key: 'k', altKey: true, ctrlKey: true }), 'AltGr writes signs').toBe(false)
  expect(press({ key: 'c', ctrlKey: true }), 'copying stays copying').toBe(false)
})

test('arrows with Alt belong to a choice that has the focus', () => {
  leave = register([{ id: 'next', perform: vi.fn() }])
  const choice = document.createElement('select')
  document.body.append(choice)
  expect(press({ key: 'ArrowDown', altKey: true }, choice)).toBe(false)
  choice.remove()
  expect(press({ key: 'ArrowDown', altKey: true })).toBe(true)
})

test('a press that a command leaves to the browser is the browser’s', () => {
  const performed = vi.fn()
  let isOff = false
  leave = register([{ id: 'find', perform: performed, isOff: () => isOff }])
  expect(press({ key: 'f', ctrlKey: true })).toBe(true)
  isOff = true
  expect(press({ key: 'f', ctrlKey: true })).toBe(false)
  expect(performed).toHaveBeenCalledTimes(1)
})
