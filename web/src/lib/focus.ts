import { isTouch } from './use-media'

/** Puts the caret into the message field, where there is one. On touch devices that would open the keyboard unasked. */
export function focusComposer() {
  if (!isTouch()) document.getElementById('composer')?.focus({ preventScroll: true })
}

/** What has the focus may go now. If it does, the caret goes into the message field. */
export function keepFocus() {
  setTimeout(() => document.activeElement === document.body && focusComposer())
}

/** For the `ref` of a button that goes by itself: the focus, should it be there, goes to the message field. */
export const handsOnFocus = (node: HTMLElement | null) => () => {
  if (node && document.activeElement === node) focusComposer()
}
