/** What of a text is said at once, and in which language. */

/** Some browsers go silent in the middle of what takes them longer than about fifteen seconds. */
const longest = 200

/** The text in pieces that a voice says in one go: lines, and of long ones sentences. */
export function inPieces(text: string): string[] {
  const pieces: string[] = []
  for (const line of text.split('\n')) {
    let held = ''
    // Where a sentence does not end in time, words have to do.
    for (const some of line.match(/[^.!?;:。！？；]+[.!?;:。！？；]*\s*|[.!?;:。！？；]+\s*/g) ?? []) {
      for (const bit of some.match(new RegExp(`.{1,${longest}}(?:\\s|$)|.{1,${longest}}`, 'gu')) ?? []) {
        if (held.length + bit.length > longest) {
          pieces.push(held.trim())
          held = ''
        }
        held += bit
      }
    }
    pieces.push(held.trim())
  }
  return pieces.filter((piece) => /[\p{L}\p{N}]/u.test(piece))
}

/** Scripts that tell a language. Kana come before Han: Japanese has both. */
const scripts: [RegExp, string][] = [
  [/[\p{sc=Hiragana}\p{sc=Katakana}]/gu, 'ja'],
  [/\p{sc=Hangul}/gu, 'ko'],
  [/\p{sc=Han}/gu, 'zh'],
  [/\p{sc=Cyrillic}/gu, 'ru'],
  [/\p{sc=Arabic}/gu, 'ar'],
  [/\p{sc=Hebrew}/gu, 'he'],
  [/\p{sc=Greek}/gu, 'el'],
  [/\p{sc=Devanagari}/gu, 'hi'],
  [/\p{sc=Thai}/gu, 'th'],
]

/** Words that a text of a language can hardly do without, and others hardly have. */
const words: Record<string, string> = {
  en: 'the and of is are that with this you for it',
  it: 'il che di è una per sono con della nel gli più',
  fr: 'le les est une des et dans pour vous avec du qui',
  de: 'der die und ist das nicht mit ein eine den zu für',
  es: 'el los es y una las por para con como del se',
  pt: 'o os é e uma não para com do da em são',
}

/** The language of a text, if it can be told from its letters or words. */
export function languageOf(text: string): string | undefined {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  for (const [script, language] of scripts) {
    if ((text.match(script)?.length ?? 0) > letters * 0.2) return language
  }
  const said = text.toLowerCase().match(/\p{L}+/gu) ?? []
  const counts = Object.entries(words).map(([language, list]) => {
    const known = new Set(list.split(' '))
    return [said.filter((word) => known.has(word)).length, language] as const
  })
  const [first, second] = counts.toSorted(([one], [other]) => other - one)
  return first && second && first[0] >= 3 && first[0] > second[0] * 1.5 ? first[1] : undefined
}
