import { useTranslate } from '../lib/i18n'
import { type Language, type Theme, usePreferences } from '../lib/preferences'

export const themes: Theme[] = ['system', 'light', 'dark']
export const languages: Record<Language, string> = { en: 'English', it: 'Italiano' }
export const selectClass =
  'h-9 rounded-button border border-control bg-elevated px-2 text-fg text-base touch:h-11 touch:text-[16px]'

type ChoiceProps<T> = { onChoose?: (value: T) => void }

/** The theme, as a native select: it is needed on pages that load no menus. */
export function ThemeChoice({ onChoose = (theme) => usePreferences.setState({ theme }) }: ChoiceProps<Theme>) {
  const t = useTranslate()
  const theme = usePreferences((state) => state.theme)
  return (
    <select
      aria-label={t('theme')}
      className={selectClass}
      value={theme}
      onChange={(event) => onChoose(event.target.value as Theme)}
    >
      {themes.map((one) => (
        <option key={one} value={one}>
          {t(`theme.${one}`)}
        </option>
      ))}
    </select>
  )
}

export function LanguageChoice({
  onChoose = (language) => usePreferences.setState({ language }),
}: ChoiceProps<Language>) {
  const t = useTranslate()
  const language = usePreferences((state) => state.language)
  return (
    <select
      aria-label={t('language')}
      className={selectClass}
      value={language}
      onChange={(event) => onChoose(event.target.value as Language)}
    >
      {Object.entries(languages).map(([code, name]) => (
        <option key={code} value={code} lang={code}>
          {name}
        </option>
      ))}
    </select>
  )
}
