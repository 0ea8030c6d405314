import { piece } from '../../lib/piece'

/** What few need, and late: it is fetched when the page is quiet, or when it is asked for. */
export const usageCode = piece(() => import('./on-demand'))
