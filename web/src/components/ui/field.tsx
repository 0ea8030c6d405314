import { type ComponentProps, type ReactNode, useId } from 'react'
import { cn } from '../../lib/utils'

export const inputClass =
  'h-10 w-full rounded-button border border-control bg-elevated px-3 text-fg text-base transition-colors hover:border-fg-2 disabled:opacity-50 touch:h-11 touch:text-[16px] aria-[invalid=true]:border-danger'

type FieldProps = ComponentProps<'input'> & {
  label: string
  hint?: ReactNode
  error?: string | undefined
  trailing?: ReactNode
}

/** A labelled input with its hint, or what is wrong with it. */
export function Field({ label, hint, error, trailing, className, ...props }: FieldProps) {
  const id = useId()
  const note = error ?? hint
  return (
    <div className={cn('flex flex-col gap-1.5', className)}>
      <label htmlFor={id} className="font-medium text-fg text-sm">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={note ? `${id}-note` : undefined}
          className={cn(inputClass, trailing ? 'pe-11!' : '')}
          {...props}
        />
        {trailing ? <div className="absolute inset-y-0 end-1 flex items-center">{trailing}</div> : null}
      </div>
      {note ? (
        <p id={`${id}-note`} className={cn('text-sm', error ? 'text-danger' : 'text-muted')}>
          {note}
        </p>
      ) : null}
    </div>
  )
}
