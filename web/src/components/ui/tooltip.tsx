import { Tooltip as T } from 'radix-ui'
import type { ReactElement } from 'react'

export const TooltipProvider = T.Provider

/** Says what a control does and its shortcut. The control must have an accessible name of its own. */
export function Tooltip({ text, keys, children }: { text: string; keys?: string | undefined; children: ReactElement }) {
  return (
    <T.Root>
      <T.Trigger asChild>{children}</T.Trigger>
      <T.Portal>
        <T.Content
          data-slot="tooltip"
          sideOffset={6}
          collisionPadding={8}
          className="fade-in-0 zoom-in-95 data-[state=closed]:fade-out-0 z-70 flex animate-in items-center gap-2 rounded-button border border-border bg-elevated px-2 py-1 text-fg text-xs shadow-md data-[state=closed]:animate-out"
        >
          {text}
          {keys ? <kbd className="font-sans text-muted">{keys}</kbd> : null}
        </T.Content>
      </T.Portal>
    </T.Root>
  )
}
