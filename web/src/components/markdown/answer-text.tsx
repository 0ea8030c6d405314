import { useDeferredValue } from 'react'
import { piece, usePiece } from '../../lib/piece'

const renderer = piece(() => import('./markdown'))

/** Fetches what `AnswerText` needs before it is needed. */
export const preloadMarkdown = renderer.preload

/** The text of an answer; its room is kept until the markdown renderer is there, so that no raw marks are seen. */
export function AnswerText({ text, running }: { text: string; running: boolean }) {
  const here = usePiece(renderer)
  // What is written already is drawn in slices; what grows would not leave them the time.
  const later = useDeferredValue(here)
  const code = running ? here : later
  if (code) return <code.Markdown text={text} running={running} />
  return (
    <div aria-busy="true" className="prose-answer invisible whitespace-pre-wrap">
      {text}
    </div>
  )
}
