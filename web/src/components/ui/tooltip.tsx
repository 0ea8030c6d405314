import {
  cloneElement,
  type ReactElement,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import { createPortal } from 'react-dom'

type Marks = { 'data-tip': string; 'data-tip-keys': string | undefined }

/**
 * Says what a control does and its shortcut. The control must have an accessible name of its own.
 *
 * It only marks the control; one `TooltipProvider` draws the tooltip of whichever is pointed at. Pages have dozens of
 * controls, and a component around each is what they would spend their first moments on.
 */
export function Tooltip({ text, keys, children }: { text: string; keys?: string | undefined; children: ReactElement }) {
  return cloneElement(children as ReactElement<Marks>, { 'data-tip': text, 'data-tip-keys': keys })
}

/** Draws the tooltips of all that is inside, and of what lies over it. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return (
    <>
      {children}
      <Shown />
    </>
  )
}

const delay = 500
/** Who moves on from one control to the next does not wait again. */
const stillWarm = 300
const gap = 6
const edge = 8

type Tip = { node: HTMLElement; text: string; keys: string | undefined }

const tipped = (target: EventTarget | null) =>
  target instanceof Element ? target.closest<HTMLElement>('[data-tip]') : null

function useTip(): Tip | null {
  const [tip, setTip] = useState<Tip | null>(null)

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let shown: HTMLElement | null = null
    let hiddenAt = -stillWarm

    function show(node: HTMLElement) {
      if (!node.isConnected || node.dataset.state === 'open') return
      shown = node
      setTip({ node, text: node.dataset.tip ?? '', keys: node.dataset.tipKeys })
    }
    function hide() {
      clearTimeout(timer)
      if (!shown) return
      shown = null
      hiddenAt = performance.now()
      setTip(null)
    }
    function onOver(event: PointerEvent) {
      if (event.pointerType === 'touch') return
      // The tooltip itself may be pointed at.
      if (event.target instanceof Element && event.target.closest('[role="tooltip"]')) return clearTimeout(timer)
      const node = tipped(event.target)
      if (node === shown && node) return clearTimeout(timer)
      clearTimeout(timer)
      if (!node) timer = shown ? setTimeout(hide, 100) : undefined
      else if (shown || performance.now() - hiddenAt < stillWarm) show(node)
      else timer = setTimeout(() => show(node), delay)
    }
    function onFocus({ target }: FocusEvent) {
      const node = tipped(target)
      if (node?.matches(':focus-visible')) show(node)
    }

    const hiding = ['pointerdown', 'keydown', 'focusout', 'scroll', 'blur'] as const
    document.addEventListener('pointerover', onOver)
    document.addEventListener('focusin', onFocus)
    for (const name of hiding) addEventListener(name, hide, { capture: true, passive: true })
    return () => {
      clearTimeout(timer)
      document.removeEventListener('pointerover', onOver)
      document.removeEventListener('focusin', onFocus)
      for (const name of hiding) removeEventListener(name, hide, { capture: true })
    }
  }, [])

  return tip
}

function Shown() {
  const tip = useTip()
  return tip ? createPortal(<Box key={tip.text} tip={tip} />, document.body) : null
}

function Box({ tip: { node, text, keys } }: { tip: Tip }) {
  const id = useId()
  const box = useRef<HTMLDivElement>(null)

  useLayoutEffect(() => {
    const own = box.current
    if (!own) return
    const { left, top, bottom, width } = node.getBoundingClientRect()
    const { offsetWidth, offsetHeight } = own
    const above = top - gap - offsetHeight
    own.style.top = `${above < edge ? bottom + gap : above}px`
    own.style.left = `${Math.max(edge, Math.min(left + (width - offsetWidth) / 2, innerWidth - edge - offsetWidth))}px`
    node.setAttribute('aria-describedby', id)
    return () => node.removeAttribute('aria-describedby')
  }, [node, id])

  return (
    <div
      ref={box}
      id={id}
      role="tooltip"
      className="fade-in-0 zoom-in-95 fixed z-70 flex max-w-[calc(100vw-16px)] animate-in items-center gap-2 rounded-button border border-border bg-elevated px-2 py-1 text-fg text-xs shadow-md"
    >
      {text}
      {keys ? <kbd className="font-sans text-muted">{keys}</kbd> : null}
    </div>
  )
}
