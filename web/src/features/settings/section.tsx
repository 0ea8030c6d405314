import type { ReactNode } from 'react'
import { cn } from '../../lib/utils'

type SectionProps = { title: string; hint?: string; danger?: boolean; children: ReactNode }

/** One matter of the settings, under its own heading. */
export function Section({ title, hint, danger, children }: SectionProps) {
  return (
    <section className={cn('flex flex-col gap-4 rounded-card border p-5', danger ? 'border-danger' : 'border-border')}>
      <div>
        <h2 className="font-semibold text-base">{title}</h2>
        {hint ? <p className="text-muted">{hint}</p> : null}
      </div>
      {children}
    </section>
  )
}
