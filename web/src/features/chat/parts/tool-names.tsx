import { Calculator, Clock, FileText, Globe, type LucideIcon, Wrench } from 'lucide-react'
import type { Key, Translate } from '../../../lib/i18n'

/** The tools that come with the server: how they are called in the middle of a sentence, and their sign. */
const known: Record<string, { words: Key; icon: LucideIcon }> = {
  calculator: { words: 'tool.calculator', icon: Calculator },
  current_time: { words: 'tool.currentTime', icon: Clock },
  fetch_page: { words: 'tool.fetchPage', icon: FileText },
  web_search: { words: 'tool.webSearch', icon: Globe },
}

const find = (name: string) => (Object.hasOwn(known, name) ? known[name] : undefined)

/** A tool's name in plain words; of one that is not ours the name itself. */
export function toolName(t: Translate, name: string): string {
  const words = find(name)?.words
  return words ? t(words) : name
}

export function ToolIcon({ name }: { name: string }) {
  const Icon = find(name)?.icon ?? Wrench
  return <Icon aria-hidden="true" className="size-4 shrink-0 stroke-[1.75]" />
}
