import { piece } from '../../lib/piece'

export const onDemand = piece(() => import('./on-demand'))
