import { usePiece } from '../../lib/piece'
import { useIsPhone } from '../../lib/use-media'
import type { Conversation } from '../conversations/types'
import { peopleCode } from './piece'

/** The faces of the others: their room is kept until they are there. */
export function Faces({ held }: { held: Conversation }) {
  const code = usePiece(peopleCode)
  const most = useIsPhone() ? 1 : 3
  const count = Math.min(held.member_count - 1, most)
  return (
    <span className="flex shrink-0 justify-end" style={{ minWidth: 12 + count * 24 }}>
      {code ? <code.Faces held={held} most={most} /> : null}
    </span>
  )
}

/** Why there is no field to write in: its place is kept until it is known. */
export function ReaderNote({ held }: { held: Conversation }) {
  const code = usePiece(peopleCode)
  return (
    <div id="composer" tabIndex={-1} className="min-h-20 outline-none">
      {code ? <code.ReaderNote held={held} /> : null}
    </div>
  )
}

/** Tells who is here, and shows who types: stands just above where one writes. */
export function Company({ conversation }: { conversation: number }) {
  const code = usePiece(peopleCode)
  return (
    <div className="relative">
      {code ? (
        <>
          <code.Presence key={conversation} conversation={conversation} />
          <code.TypingLine conversation={conversation} />
        </>
      ) : null}
    </div>
  )
}

export function NotesOf(props: { of: number; message: number | null }) {
  const code = usePiece(peopleCode)
  return code ? <code.NotesOf {...props} /> : null
}
