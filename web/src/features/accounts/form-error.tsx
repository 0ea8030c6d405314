import { CircleAlert } from 'lucide-react'

/** What is wrong with a form as a whole. It takes the focus, so that it is read at once. */
export function FormError({ text }: { text: string | undefined }) {
  if (!text) return null
  return (
    <div
      role="alert"
      tabIndex={-1}
      ref={(node) => node?.focus()}
      className="flex gap-2 rounded-button bg-danger-soft px-3 py-2 text-danger"
    >
      <CircleAlert className="mt-0.5 size-4 shrink-0" />
      <p>{text}</p>
    </div>
  )
}
