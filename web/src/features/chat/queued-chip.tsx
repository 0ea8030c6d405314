import { Clock, Pencil, X } from 'lucide-react'
import { IconButton } from '../../components/ui/icon-button'
import { useTranslate } from '../../lib/i18n'

/** A follow-up that waits for the answer before it. */
export function QueuedChip({ text, onEdit, onRemove }: { text: string; onEdit: () => void; onRemove: () => void }) {
  const t = useTranslate()
  return (
    <div className="mx-3 mb-2 flex items-center gap-2 rounded-card border border-border bg-surface py-1 ps-3 pe-1">
      <Clock className="size-4 shrink-0 stroke-[1.75] text-muted" />
      <span className="min-w-0 flex-1 truncate">{text}</span>
      <span className="text-muted text-sm max-md:hidden">{t('chat.queued')}</span>
      <IconButton label={t('chat.queued.edit')} onClick={onEdit}>
        <Pencil />
      </IconButton>
      <IconButton label={t('chat.queued.remove')} onClick={onRemove}>
        <X />
      </IconButton>
    </div>
  )
}
