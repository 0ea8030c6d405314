import { type ReactNode, useEffect } from 'react'
import { Dialog, DialogOverlay, DialogPanel, DialogPortal, DialogTitle } from '../components/ui/dialog'
import { useTranslate } from '../lib/i18n'
import { isAtEdge, watchSwipe } from '../lib/swipe'

/** Opens the drawer for a finger that is drawn in from the edge, until the answer is called. */
export const watchEdge = (onSwipe: () => void) => watchSwipe({ to: 'right', from: isAtEdge, onSwipe })

type DrawerProps = { open: boolean; onOpenChange: (open: boolean) => void; children: ReactNode }

/** The sidebar where there is no room for it: it comes in from the side, over the page, and goes as it is pushed back. */
export function Drawer({ open, onOpenChange, children }: DrawerProps) {
  const t = useTranslate()
  useEffect(
    () => (open ? watchSwipe({ to: 'left', onSwipe: () => onOpenChange(false) }) : undefined),
    [open, onOpenChange],
  )
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogPortal>
        <DialogOverlay />
        <DialogPanel
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            // On the first button it would open a tooltip over what the person came for.
            event.preventDefault()
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
          }}
          data-drawer
          className="slide-in-from-left data-[state=closed]:slide-out-to-left fixed inset-y-0 start-0 z-50 w-[min(86vw,320px)] outline-none animate-in border-border border-e duration-240 data-[state=closed]:animate-out"
        >
          <DialogTitle className="sr-only">{t('sidebar.label')}</DialogTitle>
          {children}
        </DialogPanel>
      </DialogPortal>
    </Dialog>
  )
}
