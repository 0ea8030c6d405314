import { cva, type VariantProps } from 'class-variance-authority'
import type { ComponentProps } from 'react'
import { cn } from '../../lib/utils'

export const buttonVariants = cva(
  'inline-flex shrink-0 select-none items-center justify-center gap-2 whitespace-nowrap rounded-button font-medium transition-[background-color,border-color,opacity,transform] active:scale-[0.98] disabled:pointer-events-none disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:stroke-[1.75]',
  {
    variants: {
      variant: {
        primary: 'bg-accent text-accent-fg hover:opacity-90',
        secondary: 'bg-user text-fg hover:bg-border',
        outline: 'border border-control bg-transparent text-fg hover:bg-user',
        ghost: 'bg-transparent text-fg-2 hover:bg-user hover:text-fg data-[state=open]:bg-user',
        danger: 'border border-danger bg-transparent text-danger hover:bg-danger-soft',
      },
      size: {
        sm: 'h-8 px-3 text-sm touch:h-10',
        md: 'h-9 px-4 text-base touch:h-11',
        lg: 'h-11 px-5 text-base',
        icon: 'size-8 touch:size-10',
        'icon-md': 'size-9 touch:size-11',
      },
    },
    defaultVariants: { variant: 'secondary', size: 'md' },
  },
)

type ButtonProps = ComponentProps<'button'> & VariantProps<typeof buttonVariants> & { loading?: boolean }

/** A button. While `loading` it keeps its width and cannot be pressed. */
export function Button({ variant, size, loading, className, children, disabled, ...props }: ButtonProps) {
  return (
    <button
      type="button"
      data-slot="button"
      disabled={disabled || loading}
      aria-busy={loading || undefined}
      className={cn('relative', buttonVariants({ variant, size }), className)}
      {...props}
    >
      {loading ? (
        <>
          <span className="invisible contents">{children}</span>
          <span className="absolute inset-0 grid place-items-center">
            <span className="size-4 animate-spin rounded-full border-2 border-current border-t-transparent" />
          </span>
        </>
      ) : (
        children
      )}
    </button>
  )
}
