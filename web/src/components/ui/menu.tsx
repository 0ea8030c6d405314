import { Check, ChevronRight } from 'lucide-react'
import { DropdownMenu as M } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from '../../lib/utils'

export const Menu = M.Root
export const MenuTrigger = M.Trigger
export const MenuRadioGroup = M.RadioGroup
export const MenuSub = M.Sub

const box =
  'fade-in-0 zoom-in-95 data-[state=closed]:fade-out-0 z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 origin-(--radix-dropdown-menu-content-transform-origin) animate-in overflow-y-auto rounded-card border border-border bg-elevated p-1 text-fg shadow-md data-[state=closed]:animate-out'

export function MenuContent({ className, ...props }: ComponentProps<typeof M.Content>) {
  return (
    <M.Portal>
      <M.Content
        data-slot="menu-content"
        sideOffset={6}
        collisionPadding={8}
        className={cn(box, className)}
        {...props}
      />
    </M.Portal>
  )
}

const item =
  'relative flex min-h-8 select-none items-center gap-2 rounded-button px-2 py-1.5 text-base outline-none touch:min-h-11 data-[disabled]:pointer-events-none data-[highlighted]:bg-user data-[disabled]:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:stroke-[1.75]'

export function MenuItem({ className, danger, ...props }: ComponentProps<typeof M.Item> & { danger?: boolean }) {
  return <M.Item data-slot="menu-item" className={cn(item, danger && 'text-danger', className)} {...props} />
}

/** The item that opens a menu beside this one. */
export function MenuSubTrigger({ children, ...props }: ComponentProps<typeof M.SubTrigger>) {
  return (
    <M.SubTrigger data-slot="menu-sub-trigger" className={cn(item, 'data-[state=open]:bg-user')} {...props}>
      {children}
      <ChevronRight className="ms-auto text-muted" />
    </M.SubTrigger>
  )
}

export function MenuSubContent(props: ComponentProps<typeof M.SubContent>) {
  return (
    <M.Portal>
      <M.SubContent
        data-slot="menu-sub-content"
        sideOffset={4}
        collisionPadding={8}
        className={cn(
          box,
          'max-h-[min(20rem,var(--radix-dropdown-menu-content-available-height))] max-w-64 max-md:max-w-40 max-md:min-w-36',
        )}
        {...props}
      />
    </M.Portal>
  )
}

export function MenuRadioItem({ className, children, ...props }: ComponentProps<typeof M.RadioItem>) {
  return (
    <M.RadioItem data-slot="menu-radio-item" className={cn(item, 'pe-8!', className)} {...props}>
      {children}
      <M.ItemIndicator className="absolute end-2 text-accent-text">
        <Check />
      </M.ItemIndicator>
    </M.RadioItem>
  )
}

export function MenuSeparator({ className, ...props }: ComponentProps<typeof M.Separator>) {
  return <M.Separator data-slot="menu-separator" className={cn('-mx-1 my-1 h-px bg-border', className)} {...props} />
}

export function MenuLabel({ className, ...props }: ComponentProps<typeof M.Label>) {
  return <M.Label data-slot="menu-label" className={cn('px-2 py-1.5 text-muted text-sm', className)} {...props} />
}
