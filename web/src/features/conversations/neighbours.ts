import { go } from '../../lib/go'
import { paths } from '../../lib/paths'
import { listed } from './queries'

/** The conversations as the sidebar shows them; where it is closed, by their last activity. */
function inOrder(): string[] {
  const links = [...document.querySelectorAll('nav a[href^="/c/"]')].map((link) => link.getAttribute('href') ?? '')
  return links.length > 0 ? links : listed().map(({ id }) => paths.chat(id))
}

/** Goes to the conversation that stands so many places further down, or up; from anywhere else to the first. */
export function goBy(step: number) {
  const all = inOrder()
  const at = all.indexOf(location.pathname)
  const to = all[at < 0 ? 0 : at + step]
  if (to) go(to)
}
