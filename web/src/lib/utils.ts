import { type ClassValue, clsx } from 'clsx'

/**
 * Joins class names. Where a caller's class contradicts one of the component's, it carries Tailwind's `!` (`w-6!`):
 * that needs no table of all classes in the first load, as merging them at run time would.
 */
export const cn = (...classes: ClassValue[]) => clsx(classes)
