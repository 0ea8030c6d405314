import { piece, usePiece } from '../../lib/piece'

const tab = piece(() => import('./plan-tab-with-words'))

/** The tab of the settings about what was bought: its code is fetched when it is looked at. */
export function PlanTab() {
  const code = usePiece(tab)
  return code ? <code.PlanTabWithWords /> : null
}
