import { type ComponentProps, useId } from 'react'
import { cn } from '../../lib/utils'
import { selectClass } from '../choice'

type SelectFieldProps = ComponentProps<'select'> & {
  label: string
  /** What can be chosen, by value. */
  options: Record<string, string>
}

/** A labelled choice of one among a few, as a native select. */
export function SelectField({ label, options, className, ...props }: SelectFieldProps) {
  const id = useId()
  return (
    <div className={cn('flex min-w-0 flex-col gap-1.5', className)}>
      <label htmlFor={id} className="font-medium text-sm">
        {label}
      </label>
      <select id={id} className={cn(selectClass, 'w-full min-w-0')} {...props}>
        {Object.entries(options).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}
