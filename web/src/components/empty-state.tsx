import type { ReactNode } from 'react'

/** Says why there is nothing to see and what to do next. */
export function EmptyState({ title, text, action }: { title: string; text: string; action?: ReactNode }) {
  return (
    <div className="m-auto flex max-w-sm flex-col items-center gap-3 p-6 text-center">
      <h1 className="font-semibold text-lg">{title}</h1>
      <p className="text-muted">{text}</p>
      {action}
    </div>
  )
}
