import { X, ZoomIn, ZoomOut } from 'lucide-react'
import { useState } from 'react'
import { useTranslate } from '../../lib/i18n'
import { Dialog, DialogContent, DialogTitle } from '../ui/dialog'
import { IconButton } from '../ui/icon-button'
import { type Drawing, imageOf } from './drawing'

const step = 1.4
const roomClass = 'flex min-h-0 flex-1 overflow-auto rounded-card bg-surface'

/** A diagram as large as the page, and larger. */
export function DiagramDialog({ drawing, onClose }: { drawing: Drawing; onClose: () => void }) {
  const t = useTranslate()
  /** 0: all of it in sight. Else how much larger than it is. */
  const [zoom, setZoom] = useState(0)
  const { width, height } = drawing
  const change = (by: number) => setZoom((now) => Math.min(6, Math.max(0.2, (now || 1) * by)))
  return (
    <Dialog open onOpenChange={(open) => open || onClose()}>
      <DialogContent
        aria-describedby={undefined}
        onOpenAutoFocus={(event) => {
          // On the first button it would open a tooltip.
          event.preventDefault()
          if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
        }}
        className="flex h-[92dvh] outline-none flex-col gap-2 p-3 max-md:pt-6 md:w-[94vw] md:max-w-[1600px]"
      >
        <div className="flex items-center gap-1">
          <DialogTitle className="min-w-0 flex-1 truncate ps-2">{drawing.title || t('diagram.label')}</DialogTitle>
          <IconButton label={t('diagram.smaller')} onClick={() => change(1 / step)}>
            <ZoomOut />
          </IconButton>
          <IconButton label={t('diagram.larger')} onClick={() => change(step)}>
            <ZoomIn />
          </IconButton>
          <IconButton label={t('app.close')} onClick={onClose}>
            <X />
          </IconButton>
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
        <section tabIndex={0} aria-label={t('diagram.label')} className={roomClass}>
          <img
            src={imageOf(drawing)}
            alt={drawing.title || t('diagram.label')}
            className={zoom ? 'm-auto max-w-none' : 'h-full w-full object-contain'}
            style={zoom ? { width: width * zoom, height: height * zoom } : undefined}
          />
        </section>
      </DialogContent>
    </Dialog>
  )
}
