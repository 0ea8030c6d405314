import { lazy, Suspense } from 'react'

const load = () => import('./markdown')
const Markdown = lazy(() => load().then((module) => ({ default: module.Markdown })))

/** Fetches what `AnswerText` needs before it is needed. */
export const preloadMarkdown = () => void load()

/** The text of an answer; its room is kept until the markdown renderer is there, so that no raw marks are seen. */
export function AnswerText({ text, running }: { text: string; running: boolean }) {
  return (
    <Suspense fallback={<div className="prose-answer invisible whitespace-pre-wrap">{text}</div>}>
      <Markdown text={text} running={running} />
    </Suspense>
  )
}
