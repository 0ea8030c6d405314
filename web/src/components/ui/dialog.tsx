import { Dialog as D } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from '../../lib/utils'

export const Dialog = D.Root
export const DialogTrigger = D.Trigger
export const DialogClose = D.Close
export const DialogPortal = D.Portal
export const DialogPanel = D.Content

export function DialogOverlay({ className, ...props }: ComponentProps<typeof D.Overlay>) {
  return (
    <D.Overlay
      data-slot="dialog-overlay"
      className={cn(
        'fade-in-0 data-[state=closed]:fade-out-0 fixed inset-0 z-40 animate-in bg-shade data-[state=closed]:animate-out',
        className,
      )}
      {...props}
    />
  )
}

/** A centred dialog; on phones a sheet at the bottom edge. */
export function DialogContent({ className, children, ...props }: ComponentProps<typeof D.Content>) {
  return (
    <D.Portal>
      <DialogOverlay />
      <D.Content
        data-slot="dialog-content"
        className={cn(
          'fade-in-0 fixed z-50 animate-in border border-border bg-elevated p-6 shadow-lg duration-200',
          'max-md:inset-x-0 max-md:bottom-0 max-md:rounded-t-dialog max-md:pb-[max(24px,env(safe-area-inset-bottom))]',
          'md:-translate-x-1/2 md:-translate-y-1/2 md:top-1/2 md:left-1/2 md:w-full md:max-w-[420px] md:rounded-dialog',
          className,
        )}
        {...props}
      >
        {children}
      </D.Content>
    </D.Portal>
  )
}

export function DialogTitle({ className, ...props }: ComponentProps<typeof D.Title>) {
  return <D.Title data-slot="dialog-title" className={cn('font-semibold text-lg', className)} {...props} />
}

export function DialogDescription({ className, ...props }: ComponentProps<typeof D.Description>) {
  return <D.Description data-slot="dialog-description" className={cn('text-muted', className)} {...props} />
}
