import { create } from 'zustand'
import { piece, usePiece } from '../../lib/piece'
import type { Conversation } from './types'

const shareDialog = piece(() => import('./share-dialog'))

export const preloadSharing = shareDialog.preload

/** The conversation whose link is asked for, by whichever menu. */
const useShared = create<{ held: Conversation | null }>(() => ({ held: null }))

export const askToShare = (held: Conversation) => useShared.setState({ held })

const stop = () => useShared.setState({ held: null })

/** The dialog of that link, over everything. */
export function Sharing() {
  const held = useShared((state) => state.held)
  return held ? <Shared held={held} /> : null
}

function Shared({ held }: { held: Conversation }) {
  const code = usePiece(shareDialog)
  return code ? <code.ShareDialog held={held} onClose={stop} /> : null
}
