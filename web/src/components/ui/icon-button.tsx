import type { ComponentProps } from 'react'
import { Button } from './button'
import { Tooltip } from './tooltip'

type IconButtonProps = Omit<ComponentProps<typeof Button>, 'aria-label'> & { label: string; keys?: string }

/** A button that shows only an icon: its name is for assistive tools and in the tooltip. */
export function IconButton({ label, keys, size = 'icon', variant = 'ghost', ...props }: IconButtonProps) {
  return (
    <Tooltip text={label} keys={keys}>
      <Button aria-label={label} size={size} variant={variant} {...props} />
    </Tooltip>
  )
}
