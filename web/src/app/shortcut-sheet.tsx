import { X } from 'lucide-react'
import { ShortcutList } from '../components/shortcut-list'
import { Dialog, DialogContent, DialogTitle } from '../components/ui/dialog'
import { IconButton } from '../components/ui/icon-button'
import { useTranslate } from '../lib/i18n'

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
        <ShortcutList />
      </DialogContent>
    </Dialog>
  )
}
