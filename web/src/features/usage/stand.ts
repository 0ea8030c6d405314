/** Where an account stands in its month. Pure. */
import { currentLanguage } from '../../lib/i18n'

/** A month: how much of how much is used, and when it begins anew. */
export type Month = { used: number; limit: number; resetsAt: string }

/** From this part of a month on it is worth a word. */
const near = 0.8

/** The part that is used, from 0 to 1. */
export const partOf = ({ used, limit }: Month): number => (limit > 0 ? Math.min(1, Math.max(0, used / limit)) : 1)

/** Whether a month is nearly used up, or wholly. */
export const isNear = (month: Month): boolean => partOf(month) >= near

/** Whether a month is over: then it says nothing about the one that runs. */
export const isOver = ({ resetsAt }: Month, now = Date.now()): boolean => new Date(resetsAt).getTime() <= now

/** The day on which a month begins anew, in UTC as it is counted: "1 December". */
export const resetDay = (resetsAt: string): string =>
  new Intl.DateTimeFormat(currentLanguage(), { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(
    new Date(resetsAt),
  )

/** A number as people write it. */
export const counted = (count: number): string => new Intl.NumberFormat(currentLanguage()).format(count)
