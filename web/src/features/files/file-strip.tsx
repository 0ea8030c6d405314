import { FileText, ImageOff, RotateCw, TextCursorInput, TriangleAlert, X } from 'lucide-react'
import { IconButton } from '../../components/ui/icon-button'
import { type Translate, useTranslate } from '../../lib/i18n'
import { cn } from '../../lib/utils'
import type { Place } from '../chat/drafts'
import { ProgressRing } from './progress-ring'
import { sizeOf } from './size'
import { type DraftFile, isUploading } from './types'
import { asText, pictureOf, removeFile, retryFile, useProgress } from './uploads'

type FileStripProps = { place: Place; files: DraftFile[]; sees: boolean; onChanged: () => void }

/** The files of the message that is being written. */
export function FileStrip({ place, files, sees, onChanged }: FileStripProps) {
  const t = useTranslate()
  return (
    <ul aria-label={t('file.list')} className="flex max-h-[30dvh] flex-wrap gap-2 overflow-y-auto px-4 pt-4 pb-1">
      {files.map((file) => (
        <Chip key={file.key} place={place} file={file} sees={sees} onChanged={onChanged} />
      ))}
    </ul>
  )
}

/** What is to be known of a file before it is sent, if it is a reason not to. */
function complaintOf(file: DraftFile, sees: boolean, t: Translate): string | null {
  if (file.problem) return file.problem
  return file.kind === 'image' && !sees ? t('file.blind') : null
}

type ChipProps = { place: Place; file: DraftFile; sees: boolean; onChanged: () => void }

function Chip({ place, file, sees, onChanged }: ChipProps) {
  const t = useTranslate()
  const complaint = complaintOf(file, sees, t)
  return (
    <li
      className={cn(
        'flex w-64 max-w-full items-center gap-2 rounded-card border p-1.5 pe-0.5 max-md:w-full',
        complaint ? 'border-danger bg-danger-soft' : 'border-border bg-surface',
      )}
    >
      <Picture file={file} />
      <span className="flex min-w-0 flex-1 flex-col">
        <span className="truncate font-medium" title={file.name}>
          {file.name}
        </span>
        {complaint ? (
          <span role="alert" className="text-danger text-sm">
            {complaint}
          </span>
        ) : (
          <span className="text-muted text-sm">{sizeOf(file.size)}</span>
        )}
      </span>
      <span className="flex shrink-0">
        {file.problem && file.retryable ? (
          <IconButton label={t('file.retry', { name: file.name })} onClick={() => retryFile(file)}>
            <RotateCw />
          </IconButton>
        ) : null}
        {file.pasted && file.sent ? (
          <IconButton label={t('file.asText')} onClick={() => void asText(place, file).then(onChanged)}>
            <TextCursorInput />
          </IconButton>
        ) : null}
        <IconButton
          label={t('file.remove', { name: file.name })}
          onClick={() => {
            removeFile(place, file)
            onChanged()
          }}
        >
          <X />
        </IconButton>
      </span>
    </li>
  )
}

function Picture({ file }: { file: DraftFile }) {
  const t = useTranslate()
  const part = useProgress((progress) => progress[file.key] ?? 0)
  const picture = file.problem ? null : pictureOf(file)
  return (
    <span className="relative grid size-11 shrink-0 place-items-center overflow-hidden rounded-button bg-user text-muted [&_svg]:stroke-[1.75]">
      {picture ? (
        <img src={picture} alt="" className={cn('size-full object-cover', isUploading(file) && 'opacity-40')} />
      ) : file.problem ? (
        <TriangleAlert className="size-5 text-danger" />
      ) : file.kind === 'image' ? (
        <ImageOff className="size-5" />
      ) : (
        <FileText className={cn('size-5', isUploading(file) && 'opacity-40')} />
      )}
      {isUploading(file) ? (
        <span className="absolute inset-0 grid place-items-center">
          <ProgressRing part={part} label={t('file.uploading', { name: file.name })} />
        </span>
      ) : null}
    </span>
  )
}
