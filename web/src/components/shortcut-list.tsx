import { Fragment } from 'react'
import { keys, type Shortcut, shortcut, withEnter } from '../lib/commands'
import { type Key, useTranslate } from '../lib/i18n'
import { usePreferences } from '../lib/preferences'

type Group = { name: Key; rows: { label: Key; keys: string[] }[] }

/** What each of the shortcuts does. */
const labels: Record<Shortcut, Key> = {
  search: 'shortcuts.search',
  'new-chat': 'shortcuts.newChat',
  sidebar: 'shortcuts.sidebar',
  model: 'shortcuts.model',
  'copy-answer': 'shortcuts.copyAnswer',
  'copy-code': 'shortcuts.copyCode',
  previous: 'shortcuts.previous',
  next: 'shortcuts.next',
  find: 'shortcuts.find',
  shortcuts: 'shortcuts.sheet',
}

const shortcuts = Object.keys(keys) as Shortcut[]

const groupsOf = (sendOnEnter: boolean): Group[] => [
  {
    name: 'shortcuts.anywhere',
    rows: [
      ...shortcuts.map((id) => ({
        label: labels[id],
        keys: id === 'shortcuts' ? [shortcut(id), '?'] : [shortcut(id)],
      })),
      { label: 'shortcuts.composer', keys: ['Shift+Esc', '/'] },
      { label: 'shortcuts.stop', keys: ['Esc'] },
    ],
  },
  {
    name: 'shortcuts.writing',
    rows: [
      { label: 'shortcuts.send', keys: [sendOnEnter ? 'Enter' : withEnter] },
      { label: 'shortcuts.line', keys: [sendOnEnter ? 'Shift+Enter' : 'Enter'] },
      { label: 'shortcuts.recall', keys: ['↑'] },
    ],
  },
  {
    name: 'shortcuts.messages',
    rows: [
      { label: 'shortcuts.nextMessage', keys: ['J'] },
      { label: 'shortcuts.previousMessage', keys: ['K'] },
    ],
  },
  { name: 'shortcuts.list', rows: [{ label: 'shortcuts.rename', keys: ['F2'] }] },
]

/** Every key that does something. */
export function ShortcutList() {
  const t = useTranslate()
  const sendOnEnter = usePreferences((state) => state.sendOnEnter)
  return (
    <>
      {groupsOf(sendOnEnter).map(({ name, rows }) => (
        <section key={name} aria-label={t(name)} className="mt-4">
          <h3 className="pb-1 font-medium text-muted text-xs">{t(name)}</h3>
          <dl className="grid grid-cols-[1fr_auto] gap-x-4">
            {rows.map(({ label, keys }) => (
              <Fragment key={label}>
                <dt className="py-1.5">{t(label)}</dt>
                <dd className="py-1.5 text-end text-muted text-sm">
                  {keys.map((key, index) => (
                    <Fragment key={key}>
                      {index > 0 ? ` ${t('shortcuts.or')} ` : null}
                      <kbd className="whitespace-nowrap rounded-chip border border-border bg-surface px-1.5 py-0.5 font-sans text-fg-2 text-xs">
                        {key}
                      </kbd>
                    </Fragment>
                  ))}
                </dd>
              </Fragment>
            ))}
          </dl>
        </section>
      ))}
    </>
  )
}
