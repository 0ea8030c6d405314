import { Dialog as D } from 'radix-ui'
import { type ComponentProps, useState } from 'react'
import { focusComposer } from '../../lib/focus'
import { cn } from '../../lib/utils'
import { SheetHandle } from './sheet-handle'

export const Dialog = D.Root
export const DialogTrigger = D.Trigger
export const DialogClose = D.Close
export const DialogPortal = D.Portal

/** A dialog's box without a look of its own. Closed, it gives the focus back to where it was, else to the message field. */
export function DialogPanel(props: ComponentProps<typeof D.Content>) {
  const [before] = useState(() => document.activeElement)
  return (
    <D.Content
      {...props}
      onCloseAutoFocus={(event) => {
        props.onCloseAutoFocus?.(event)
        if (event.defaultPrevented) return
        event.preventDefault()
        giveFocusTo(before)
      }}
    />
  )
}

function giveFocusTo(before: Element | null) {
  const isThere = before instanceof HTMLElement && before.isConnected && before !== document.body
  if (isThere) before.focus({ preventScroll: true })
  else focusComposer()
}

export function DialogOverlay({ className, ...props }: ComponentProps<typeof D.Overlay>) {
  return (
    <D.Overlay
      data-slot="dialog-overlay"
      className={cn(
        'fade-in-0 data-[state=closed]:fade-out-0 fixed inset-0 z-50 animate-in bg-shade data-[state=closed]:animate-out',
        className,
      )}
      {...props}
    />
  )
}

/** A centred dialog; on phones a sheet at the bottom edge, which is drawn down to close it. */
export function DialogContent({ className, children, ...props }: ComponentProps<typeof D.Content>) {
  return (
    <D.Portal>
      <DialogOverlay />
      <DialogPanel
        data-slot="dialog-content"
        className={cn(
          'fade-in-0 fixed z-50 animate-in border border-border bg-elevated p-6 shadow-lg duration-200',
          'max-md:inset-x-0 max-md:bottom-0 max-md:rounded-t-dialog max-md:pb-[max(24px,env(safe-area-inset-bottom))]',
          'md:-translate-x-1/2 md:-translate-y-1/2 md:top-1/2 md:left-1/2 md:w-full md:max-w-[420px] md:rounded-dialog',
          className,
        )}
        {...props}
      >
        <SheetHandle />
        {children}
      </DialogPanel>
    </D.Portal>
  )
}

export function DialogTitle({ className, ...props }: ComponentProps<typeof D.Title>) {
  return <D.Title data-slot="dialog-title" className={cn('font-semibold text-lg', className)} {...props} />
}

export function DialogDescription({ className, ...props }: ComponentProps<typeof D.Description>) {
  return <D.Description data-slot="dialog-description" className={cn('text-muted', className)} {...props} />
}
