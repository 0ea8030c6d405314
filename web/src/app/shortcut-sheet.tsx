import { X } from 'lucide-react'
import { Fragment } from 'react'
import { Dialog, DialogContent, DialogTitle } from '../components/ui/dialog'
import { IconButton } from '../components/ui/icon-button'
import { shortcut } from '../lib/commands'
import { type Key, useTranslate } from '../lib/i18n'

const groups: { name: Key; rows: { label: Key; keys: string[] }[] }[] = [
  {
    name: 'shortcuts.anywhere',
    rows: [
      { label: 'shortcuts.search', keys: [shortcut('k')] },
      { label: 'shortcuts.newChat', keys: [shortcut('o', true)] },
      { label: 'shortcuts.sidebar', keys: [shortcut('s', true)] },
      { label: 'shortcuts.composer', keys: ['Shift+Esc', '/'] },
      { label: 'shortcuts.stop', keys: ['Esc'] },
      { label: 'shortcuts.sheet', keys: [shortcut('/'), '?'] },
    ],
  },
  {
    name: 'shortcuts.writing',
    rows: [
      { label: 'shortcuts.send', keys: ['Enter'] },
      { label: 'shortcuts.line', keys: ['Shift+Enter'] },
      { label: 'shortcuts.recall', keys: ['↑'] },
    ],
  },
  { name: 'shortcuts.list', rows: [{ label: 'shortcuts.rename', keys: ['F2'] }] },
]

/** Every key that does something, on one sheet. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const t = useTranslate()
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        aria-describedby={undefined}
        onOpenAutoFocus={(event) => {
          // On the button it would open a tooltip, which would take the first Escape.
          event.preventDefault()
          if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
        }}
        className="outline-none max-h-[85dvh] overflow-y-auto md:max-w-[520px]"
      >
        <div className="flex items-center justify-between">
          <DialogTitle>{t('shortcuts.title')}</DialogTitle>
          <IconButton label={t('app.close')} keys="Esc" onClick={onClose}>
            <X />
          </IconButton>
        </div>
        {groups.map(({ name, rows }) => (
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
      </DialogContent>
    </Dialog>
  )
}
