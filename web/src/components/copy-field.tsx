import { type ReactNode, useEffect, useRef } from 'react'
import { cn } from '../lib/utils'
import { CopyButton } from './copy-button'
import { inputClass } from './ui/field'

type CopyFieldProps = {
  label: string
  copyLabel: string
  text: string
  className?: string
  children?: ReactNode
}

/** A text to be taken along as it is: it takes the focus as it appears, all of it selected. */
export function CopyField({ label, copyLabel, text, className, children }: CopyFieldProps) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  return (
    <div className="flex items-center gap-1">
      <input
        ref={field}
        readOnly
        aria-label={label}
        value={text}
        onFocus={({ target }) => {
          target.select()
          // A long text shows its beginning.
          target.scrollLeft = 0
        }}
        className={cn(inputClass, 'min-w-0', className)}
      />
      <CopyButton label={copyLabel} text={() => text} />
      {children}
    </div>
  )
}
