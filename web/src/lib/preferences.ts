/** What this browser remembers for every page: theme, language, density, text size, model, sidebar. The script in index.html reads the same key. */
import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import { store } from './storage'

export type Theme = 'system' | 'light' | 'dark'
export type Language = 'en' | 'it'

export type Density = 'comfortable' | 'compact'
export type TextSize = 'small' | 'medium' | 'large'

export type Preferences = {
  theme: Theme
  language: Language
  /** How much room there is between things. */
  density: Density
  /** Of questions and answers. */
  textSize: TextSize
  /** Enter sends and Shift+Enter breaks the line; else Enter breaks it and Ctrl or Cmd sends. */
  sendOnEnter: boolean
  /** What a model thought before it spoke can be unfolded. */
  showReasoning: boolean
  /** Long lines of code are broken. */
  wrapCode: boolean
  /** Answers are shown when they are whole, and not while they are being written. */
  wholeAnswers: boolean
  /** Keys such as ? and J do something by themselves, without Ctrl or Cmd. Who speaks to the computer may not want that. */
  singleKeys: boolean
  /** The model that new conversations start with. */
  model: string | null
  sidebarOpen: boolean
  /** In pixels. */
  sidebarWidth: number
}

const preferred: Language = globalThis.navigator?.language?.startsWith('it') ? 'it' : 'en'

/** How wide the sidebar may be, in pixels; index.html has the same. */
export const sidebarWidths = { least: 220, first: 264, most: 360 }

export const within = (width: number) =>
  Math.round(Math.min(sidebarWidths.most, Math.max(sidebarWidths.least, width))) || sidebarWidths.first

const unchosen: Preferences = {
  theme: 'system',
  language: preferred,
  density: 'comfortable',
  textSize: 'medium',
  sendOnEnter: true,
  showReasoning: true,
  wrapCode: false,
  wholeAnswers: false,
  singleKeys: true,
  model: null,
  sidebarOpen: true,
  sidebarWidth: sidebarWidths.first,
}

export const usePreferences = create<Preferences>()(
  persist<Preferences>(() => unchosen, {
    name: 'colloquy.preferences',
    storage: {
      getItem: (name) => {
        try {
          return { state: JSON.parse(localStorage.getItem(name) ?? 'null') }
        } catch {
          return null
        }
      },
      setItem: (name, value) => void store(name, JSON.stringify(value.state)),
      removeItem: (name) => localStorage.removeItem(name),
    },
  }),
)

const systemIsDark = () => matchMedia('(prefers-color-scheme: dark)').matches

function applyLooks() {
  const { theme, density, textSize, wrapCode } = usePreferences.getState()
  const dark = theme === 'dark' || (theme === 'system' && systemIsDark())
  document.documentElement.classList.toggle('dark', dark)
  document.documentElement.style.colorScheme = dark ? 'dark' : 'light'
  // The colours of the page itself, as index.html has them.
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', dark ? '#0e0f12' : '#ffffff')
  document.documentElement.dataset.density = density
  document.documentElement.dataset.text = textSize
  document.documentElement.dataset.code = wrapCode ? 'wrap' : ''
}

/** Keeps the page in the chosen theme, density and text size, also when the system or another tab changes it. */
export function watchLooks() {
  applyLooks()
  usePreferences.subscribe(applyLooks)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', applyLooks)
  addEventListener('storage', (event) => {
    if (event.key === 'colloquy.preferences') void usePreferences.persist.rehydrate()
  })
}
