import type { ReactNode } from 'react'

/** What a form has come to, in its place. It takes the focus, so that it is read at once. */
export function Outcome({ children }: { children: ReactNode }) {
  return (
    <div
      role="status"
      tabIndex={-1}
      ref={(node) => node?.focus()}
      className="flex flex-col items-start gap-4 outline-none [overflow-wrap:anywhere]"
    >
      {children}
    </div>
  )
}
