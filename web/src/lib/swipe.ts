/** Fingers that are drawn sideways over the page. */

/** So far a finger is drawn before it is known where it goes to, and before it means something. */
const known = 10
const meant = 48

/** Sideways, and not merely a little slanted on the way up or down. */
const isSideways = (across: number, down: number) => Math.abs(across) > 1.5 * Math.abs(down)

/** What moves sideways itself under a finger: code, tables, what is dragged, and text that is being marked. */
function ownsSwipes(target: EventTarget | null): boolean {
  if (getSelection()?.isCollapsed === false) return true
  // What lies over everything else has the fingers to itself; the drawer is no more than a page drawn in.
  const over = [...document.querySelectorAll('[role="dialog"], [role="menu"]')].at(-1)
  if (over && !over.matches('[data-drawer]')) return true
  for (let node = target instanceof Element ? target : null; node; node = node.parentElement) {
    if (node.matches('input, select, [role="separator"], [role="slider"]')) return true
    if (node.scrollWidth > node.clientWidth && /auto|scroll/.test(getComputedStyle(node).overflowX)) return true
  }
  return false
}

type Swipe = {
  to: 'left' | 'right'
  /** Whether one may begin so far from the left edge of the page. */
  from?: (x: number) => boolean
  onSwipe: () => void
}

/** Listens for fingers that are drawn to one side, until the answer is called. */
export function watchSwipe({ to, from = () => true, onSwipe }: Swipe): () => void {
  let start: { x: number; y: number } | undefined

  function begin({ touches, target }: TouchEvent) {
    const [touch] = touches
    const counts = touch && touches.length === 1 && from(touch.clientX) && !ownsSwipes(target)
    start = counts ? { x: touch.clientX, y: touch.clientY } : undefined
  }
  function move({ touches }: TouchEvent) {
    const [touch] = touches
    if (!start || !touch) return
    const across = to === 'right' ? touch.clientX - start.x : start.x - touch.clientX
    const down = touch.clientY - start.y
    if (Math.hypot(across, down) < known) return
    if (across <= 0 || !isSideways(across, down)) start = undefined
    else if (across >= meant) {
      start = undefined
      onSwipe()
    }
  }
  /** Also when the browser takes the finger for itself, to scroll or to go back. */
  function end() {
    start = undefined
  }

  const listeners = { touchstart: begin, touchmove: move, touchend: end, touchcancel: end }
  for (const [name, listener] of Object.entries(listeners))
    document.addEventListener(name, listener as EventListener, { passive: true })
  return () => {
    for (const [name, listener] of Object.entries(listeners))
      document.removeEventListener(name, listener as EventListener)
  }
}

/** How near to the edge a swipe from there begins. */
const edge = 44
/** In a browser of Apple's phones the outermost part of the page is where one goes back. */
const goesBack = 20

const isInBrowserOfApple = () =>
  // A tablet of Apple's says that it is a desk computer; those have no fingers.
  (/iPhone|iPad/.test(navigator.platform) || (navigator.platform === 'MacIntel' && navigator.maxTouchPoints > 1)) &&
  !matchMedia('(display-mode: standalone)').matches

/** Where a swipe from the left edge may begin. */
export const isAtEdge = (x: number) => x <= edge && (x > goesBack || !isInBrowserOfApple())
