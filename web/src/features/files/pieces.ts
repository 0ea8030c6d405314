import { piece } from '../../lib/piece'

/** Nearly everything about files is fetched when the first file is there. */
export const fileCode = piece(() => import('./on-demand'))
