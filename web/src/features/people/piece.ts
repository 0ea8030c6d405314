import { piece } from '../../lib/piece'

/** What needs several people, or wants them. */
export const peopleCode = piece(() => import('./on-demand'))
