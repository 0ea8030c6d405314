/** What a person chose that the page itself follows: shown at once, kept for every device. */
import {
  type Density,
  type Language,
  type Preferences,
  type TextSize,
  type Theme,
  usePreferences,
} from '../../lib/preferences'
import { notifyError } from '../../lib/toast'
import { choose } from './queries'
import type { Chosen } from './types'

/** The page's own words for what the server keeps. */
function looksOf({
  theme,
  language,
  density,
  font_size,
  send_on_enter,
  show_reasoning,
  wrap_code,
  whole_answers,
  single_keys,
}: Chosen): Partial<Preferences> {
  const known = language?.startsWith('it') ? 'it' : language?.startsWith('en') ? 'en' : undefined
  return {
    ...(theme ? { theme: theme as Theme } : {}),
    ...(known ? { language: known satisfies Language } : {}),
    ...(density ? { density: density as Density } : {}),
    ...(font_size ? { textSize: font_size as TextSize } : {}),
    ...(typeof send_on_enter === 'boolean' ? { sendOnEnter: send_on_enter } : {}),
    ...(typeof show_reasoning === 'boolean' ? { showReasoning: show_reasoning } : {}),
    ...(typeof wrap_code === 'boolean' ? { wrapCode: wrap_code } : {}),
    ...(typeof whole_answers === 'boolean' ? { wholeAnswers: whole_answers } : {}),
    ...(typeof single_keys === 'boolean' ? { singleKeys: single_keys } : {}),
  }
}

/** Follows what was chosen, here or on another device. What was never chosen stays as this browser has it. */
export function follow(chosen: Chosen) {
  const looks = looksOf(chosen)
  const now = usePreferences.getState()
  const differs = Object.entries(looks).some(([name, value]) => now[name as keyof Preferences] !== value)
  if (differs) usePreferences.setState(looks)
}

/** Chooses for every device: in sight at once, and taken back if the server refuses it. */
export async function chooseLook(chosen: Chosen): Promise<boolean> {
  const before = usePreferences.getState()
  follow(chosen)
  try {
    await choose(chosen)
    return true
  } catch (error) {
    usePreferences.setState(before)
    notifyError(error)
    return false
  }
}
