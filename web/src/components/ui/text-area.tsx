import { type ComponentProps, type ReactNode, useId } from 'react'
import { cn } from '../../lib/utils'

type TextAreaProps = ComponentProps<'textarea'> & { label: string; hint?: ReactNode; error?: string | undefined }

/** A labelled field of several lines, as tall as what it holds, with its hint or what is wrong with it. */
export function TextArea({ label, hint, error, ...props }: TextAreaProps) {
  const id = useId()
  const note = error ?? hint
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="font-medium text-fg text-sm">
        {label}
      </label>
      <textarea
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={note ? `${id}-note` : undefined}
        className="field-sizing-content max-h-[50dvh] min-h-28 w-full resize-none rounded-button border border-control bg-elevated px-3 py-2 text-base text-fg transition-colors hover:border-fg-2 disabled:opacity-50 aria-[invalid=true]:border-danger touch:text-[16px]"
        {...props}
      />
      {note ? (
        <p id={`${id}-note`} className={cn('text-sm', error ? 'text-danger' : 'text-muted')}>
          {note}
        </p>
      ) : null}
    </div>
  )
}
