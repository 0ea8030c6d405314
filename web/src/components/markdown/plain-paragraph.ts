/** What means something somewhere in markdown as it is read here: marks, HTML, tables, formulas, addresses, hard breaks. */
const meaning = /[\\`*_[\]<>|~$&@]|:\/\/|www\.| \n|[^\P{Cc}\n]/iu
/** A line that may begin something else than a paragraph: it begins with no letter, digit or quotation mark, or a number of a list. */
const beginning = /(?:^|\n)(?:[^\p{L}\p{N}"'“‘«„]|\d{1,9}[.)])/u

/**
 * Whether a text is one paragraph that says nothing but its words, as most of prose is: markdown makes the same of it as no
 * markdown. Parsing it costs a hundred times more than this look at it, and while it is written it is drawn with each frame.
 */
export const isPlainParagraph = (text: string): boolean =>
  text !== '' && !/\s$/.test(text) && !meaning.test(text) && !beginning.test(text)
