import { useEffect } from 'react'
import { Toaster as Sonner, toast } from 'sonner'
import { useNotices } from '../../lib/toast'

/** Shows the notices of `notify`. */
export function Toaster() {
  const waiting = useNotices((state) => state.waiting)

  useEffect(() => {
    if (waiting.length === 0) return
    for (const { text, kind, action, duration } of waiting) {
      const show = kind === 'error' ? toast.error : toast
      show(text, {
        duration: duration ?? 5_000,
        ...(action ? { action: { label: action.label, onClick: action.perform } } : {}),
      })
    }
    useNotices.setState(({ waiting: now }) => ({ waiting: now.filter((one) => !waiting.includes(one)) }))
  }, [waiting])

  return (
    <Sonner
      position="top-center"
      offset={60}
      mobileOffset={60}
      className="z-60"
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            'flex w-full items-center gap-3 font-sans rounded-card border border-border bg-elevated px-4 py-3 text-fg text-base shadow-lg',
          content: 'min-w-0 flex-1 [overflow-wrap:anywhere]',
          icon: 'hidden',
          error: 'border-danger text-danger',
          actionButton: 'rounded-button px-2 py-1 font-medium text-accent-text hover:bg-user',
        },
      }}
    />
  )
}
