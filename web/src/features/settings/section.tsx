import type { ReactNode, Ref } from 'react'
import { cn } from '../../lib/utils'

type SectionProps = {
  title: string
  hint?: string
  danger?: boolean
  /** Its name in an address, which may lead here. */
  id?: string
  /** A heading that may be given the focus. */
  heading?: Ref<HTMLHeadingElement>
  children: ReactNode
}

/** One matter of the settings, under its own heading. */
export function Section({ title, hint, danger, id, heading, children }: SectionProps) {
  return (
    <section className={cn('flex flex-col gap-4 rounded-card border p-5', danger ? 'border-danger' : 'border-border')}>
      <div>
        <h2
          ref={heading}
          id={id}
          tabIndex={id || heading ? -1 : undefined}
          className="scroll-mt-6 font-semibold text-base outline-none"
        >
          {title}
        </h2>
        {hint ? <p className="text-muted">{hint}</p> : null}
      </div>
      {children}
    </section>
  )
}
