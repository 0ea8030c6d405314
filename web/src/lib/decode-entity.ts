/**
 * Named character references (`&nbsp;`, `&rarr;`) by the browser's own table: a copy of it would be a fifth of the markdown
 * renderer. Trusted Types allow it by a policy that lets nothing through but the name of one reference.
 */
type Policy = { createHTML: (name: string) => string }
type Factory = { createPolicy: (name: string, rules: Policy) => Policy }

const reference = (name: string) => (/^[a-z][a-z\d]*$/i.test(name) ? `&${name};` : '')

const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes
const policy = factory?.createPolicy('colloquy-entities', { createHTML: reference }) ?? { createHTML: reference }
const place = document.createElement('i')

/** What `&name;` stands for, or false. */
export function decodeNamedCharacterReference(name: string): string | false {
  place.innerHTML = policy.createHTML(name)
  const text = place.textContent
  // Some need no semicolon, and browsers then read a longer name as the shorter one and the rest.
  const isWhole = text.length > 0 && text !== `&${name};` && (name === 'semi' || !text.endsWith(';'))
  return isWhole && text
}
