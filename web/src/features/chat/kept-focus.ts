/**
 * A version of a message takes the place of another, and the buttons of that one go with it. The focus that was on one of
 * them goes on to the same button of the version that is shown then.
 */
import { type RefObject, useLayoutEffect } from 'react'
import { messageAnchor } from './parkable'
import type { Message } from './types'

type Control = 'previous' | 'next' | 'regenerate'

let kept: { from: Message; control: Control } | undefined

/** The focus is on a control of a message whose place another version is about to take. */
export function keepFocus(from: Message, control: Control) {
  kept = { from, control }
}

/** The same where the other version has to be written first: so long the focus is on the exchange that both are in. */
export function waitWithFocus(from: Message) {
  keepFocus(from, 'regenerate')
  const question = document.getElementById(messageAnchor(from.parent_id ?? from.id))
  const exchange = question?.closest<HTMLElement>(waiting)
  if (!exchange) return
  exchange.tabIndex = -1
  exchange.addEventListener('blur', () => exchange.removeAttribute('tabindex'), { once: true })
  exchange.focus({ preventScroll: true })
}

const waiting = '[data-exchange]'

const isOther = (one: Message, version: Message) =>
  one.id !== version.id &&
  one.conversation_id === version.conversation_id &&
  one.parent_id === version.parent_id &&
  one.role === version.role

/** Takes the focus over from the version before, into the `row` of buttons. They can be pressed once it is `ready`. */
export function useKeptFocus(message: Message, row: RefObject<HTMLElement | null>, ready: boolean) {
  useLayoutEffect(() => {
    if (!ready || !kept || !isOther(kept.from, message)) return
    const { control } = kept
    kept = undefined
    // Whoever has gone elsewhere meanwhile stays there.
    const focused = document.activeElement
    if (focused && focused !== document.body && !focused.matches(waiting)) return
    const names = { previous: ['previous', 'next'], next: ['next', 'previous'], regenerate: ['regenerate'] }[control]
    const buttons = names.map((name) => row.current?.querySelector<HTMLElement>(`[data-control="${name}"]:enabled`))
    const button = buttons.find(Boolean) ?? row.current?.querySelector<HTMLElement>('button:enabled')
    button?.focus({ preventScroll: true })
  })
}
