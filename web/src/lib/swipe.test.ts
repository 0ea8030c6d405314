import { afterEach, expect, test, vi } from 'vitest'
import { isAtEdge, watchSwipe } from './swipe'

let stop = () => {}
afterEach(() => {
  stop()
  document.body.innerHTML = ''
})

type Point = [x: number, y: number]

function touch(name: string, points: Point[], target: Element = document.body) {
  const event = new Event(name, { bubbles: true })
  Object.assign(event, { touches: points.map(([clientX, clientY]) => ({ clientX, clientY })) })
  target.dispatchEvent(event)
}

function draw(path: Point[], target?: Element) {
  path.forEach((point, index) => {
    touch(index === 0 ? 'touchstart' : 'touchmove', [point], target)
  })
  touch('touchend', [], target)
}

function watch(to: 'left' | 'right') {
  const onSwipe = vi.fn()
  stop = watchSwipe({ to, onSwipe, ...(to === 'right' ? { from: isAtEdge } : {}) })
  return onSwipe
}

test('a finger that is drawn from the edge counts once, however far it goes', () => {
  const onSwipe = watch('right')
  draw([
    [5, 100],
    [30, 102],
    [60, 104],
    [200, 110],
  ])
  expect(onSwipe).toHaveBeenCalledOnce()
})

test.each<[string, Point[]]>([
  [
    'from the middle of the page',
    [
      [120, 100],
      [200, 100],
    ],
  ],
  [
    'too short',
    [
      [5, 100],
      [40, 100],
    ],
  ],
  [
    'the other way',
    [
      [40, 100],
      [0, 100],
    ],
  ],
  [
    'slanted',
    [
      [5, 100],
      [40, 160],
      [90, 160],
    ],
  ],
])('%s it does not', (_, path) => {
  const onSwipe = watch('right')
  draw(path)
  expect(onSwipe).not.toHaveBeenCalled()
})

test('two fingers, or one that the browser takes for itself, mean something else', () => {
  const onSwipe = watch('right')
  touch('touchstart', [
    [5, 100],
    [50, 100],
  ])
  touch('touchmove', [
    [90, 100],
    [50, 100],
  ])
  draw([[5, 100]])
  touch('touchstart', [[5, 100]])
  touch('touchcancel', [])
  touch('touchmove', [[90, 100]])
  expect(onSwipe).not.toHaveBeenCalled()
})

test('what scrolls sideways itself keeps its finger', () => {
  const onSwipe = watch('left')
  document.body.innerHTML = '<div style="overflow-x: auto"><code>long</code></div><p>text</p>'
  const box = document.querySelector('div') as HTMLElement
  Object.defineProperty(box, 'scrollWidth', { value: 900 })
  draw(
    [
      [200, 100],
      [100, 100],
    ],
    document.querySelector('code') as Element,
  )
  expect(onSwipe).not.toHaveBeenCalled()
  draw(
    [
      [200, 100],
      [100, 100],
    ],
    document.querySelector('p') as Element,
  )
  expect(onSwipe).toHaveBeenCalledOnce()
})

test('where the outermost part of the page goes back, a swipe begins beside it', () => {
  expect(isAtEdge(10)).toBe(true)
  expect(isAtEdge(60)).toBe(false)
  vi.spyOn(navigator, 'platform', 'get').mockReturnValue('iPhone')
  vi.stubGlobal('matchMedia', () => ({ matches: false }))
  try {
    expect(isAtEdge(10)).toBe(false)
    expect(isAtEdge(30)).toBe(true)
  } finally {
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
  }
})
