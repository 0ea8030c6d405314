import { create } from 'zustand'
import { type Catalogue, en, type Plural } from '../locales/en'
import { type Language, usePreferences } from './preferences'
import type { Refusal } from './problem'

export type Key = keyof Catalogue
type Values = Record<string, string | number>
export type Translate = (key: Key, values?: Values) => string

type Explain = (refusal: Refusal) => Refusal
type Words = { language: Language; catalogue: Catalogue; explain?: Explain | undefined }

/** The English words that are there: some come with the pages that say them. */
let english = en as Catalogue

const useCatalogue = create<Words>(() => ({ language: 'en', catalogue: english }))

/** Adds the English words of pages that are loaded now. */
export function addEnglish(words: Partial<Catalogue>) {
  english = { ...english, ...words }
  if (useCatalogue.getState().language === 'en') useCatalogue.setState({ catalogue: english })
}

/** Loads a language and shows it; the page keeps the one before until it is there. */
export async function showLanguage(language: Language) {
  const italian = language === 'it' ? await import('../locales/it') : undefined
  useCatalogue.setState({ language, catalogue: italian?.it ?? english, explain: italian?.explain })
  document.documentElement.lang = language
}

/** Follows the language that is chosen in the preferences. */
export function watchLanguage(): Promise<void> {
  usePreferences.subscribe(({ language }, before) => {
    if (language !== before.language) void showLanguage(language)
  })
  return showLanguage(usePreferences.getState().language)
}

function word(entry: string | Plural, language: Language, values?: Values): string {
  const text =
    typeof entry === 'string'
      ? entry
      : new Intl.PluralRules(language).select(Number(values?.count)) === 'one'
        ? entry.one
        : entry.other
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => (values?.[name] ?? hole).toLocaleString(language))
}

/** The words of the chosen language, outside of components. */
export const translate: Translate = (key, values) => {
  const { language, catalogue } = useCatalogue.getState()
  return word(catalogue[key] ?? key, language, values)
}

/** The words of the chosen language; the component is drawn again when it changes. */
export function useTranslate(): Translate {
  useCatalogue((state) => state.catalogue)
  return translate
}

export const currentLanguage = () => useCatalogue.getState().language

/** What the server refused, in the words of the chosen language. The server itself speaks English. */
export const explained: Explain = (refusal) => useCatalogue.getState().explain?.(refusal) ?? refusal
