import { Clock, Pencil, X } from 'lucide-react'
import { IconButton } from '../../components/ui/icon-button'
import { useTranslate } from '../../lib/i18n'
import type { Queued } from './drafts'

type QueuedChipProps = { queued: Queued; onEdit: () => void; onRemove: () => void }

/** A follow-up that waits for the answer before it. */
export function QueuedChip({ queued: { text, files = [] }, onEdit, onRemove }: QueuedChipProps) {
  const t = useTranslate()
  return (
    <div className="mx-3 mb-2 flex items-center gap-2 rounded-card border border-border bg-surface py-1 ps-3 pe-1">
      <Clock className="size-4 shrink-0 stroke-[1.75] text-muted" />
      <span className="min-w-0 flex-1 truncate">{text || files.map(({ name }) => name).join(', ')}</span>
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
