/** What this browser remembers for every page: theme, language, model, sidebar. The script in index.html reads the same key. */
import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import { store } from './storage'

export type Theme = 'system' | 'light' | 'dark'
export type Language = 'en' | 'it'

export type Preferences = {
  theme: Theme
  language: Language
  /** The model that new conversations start with. */
  model: string | null
  sidebarOpen: boolean
}

const preferred: Language = globalThis.navigator?.language?.startsWith('it') ? 'it' : 'en'

export const usePreferences = create<Preferences>()(
  persist<Preferences>(() => ({ theme: 'system', language: preferred, model: null, sidebarOpen: true }), {
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

function applyTheme() {
  const { theme } = usePreferences.getState()
  const dark = theme === 'dark' || (theme === 'system' && systemIsDark())
  document.documentElement.classList.toggle('dark', dark)
  document.documentElement.style.colorScheme = dark ? 'dark' : 'light'
  // The colours of the page itself, as index.html has them.
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', dark ? '#0e0f12' : '#ffffff')
}

/** Keeps the page in the chosen theme, also when the system or another tab changes it. */
export function watchTheme() {
  applyTheme()
  usePreferences.subscribe(applyTheme)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', applyTheme)
  addEventListener('storage', (event) => {
    if (event.key === 'colloquy.preferences') void usePreferences.persist.rehydrate()
  })
}
