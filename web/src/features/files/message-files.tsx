import { FileText } from 'lucide-react'
import { useState } from 'react'
import { useTranslate } from '../../lib/i18n'
import { contentOf } from './address'
import { FileImage } from './file-image'
import { sizeOf } from './size'
import type { FilePart } from './types'
import { Viewer } from './viewer'

/** The files of a message that was sent: images to look at, texts to open. */
export function MessageFiles({ files, token }: { files: FilePart[]; token: string | undefined }) {
  const t = useTranslate()
  const [open, setOpen] = useState<number | null>(null)
  const images = files.filter(({ kind }) => kind === 'image')
  const texts = files.filter(({ kind }) => kind !== 'image')
  const show = (file: FilePart) => setOpen(files.indexOf(file))
  return (
    <>
      {images.length > 0 ? (
        <ul aria-label={t('file.images')} className="mb-2 flex flex-wrap justify-end gap-2">
          {images.map((file) => (
            <li key={file.id} className="max-w-full">
              <button
                type="button"
                aria-label={t('file.show', { name: file.name })}
                onClick={() => show(file)}
                style={{ aspectRatio: shapeOf(file) }}
                className="block h-40 max-w-full overflow-hidden rounded-card border border-border bg-user"
              >
                <FileImage src={contentOf(file.id, token)} alt="" className="size-full object-cover" />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {texts.length > 0 ? (
        <ul aria-label={t('file.texts')} className="mb-2 flex flex-wrap justify-end gap-2">
          {texts.map((file) => (
            <li key={file.id} className="max-w-full">
              <button
                type="button"
                onClick={() => show(file)}
                className="flex h-12 max-w-full items-center gap-2 rounded-card border border-border bg-surface ps-3 pe-4 text-start hover:bg-user"
              >
                <FileText className="size-5 shrink-0 stroke-[1.75] text-muted" />
                <span className="sr-only">{t('file.open')}</span>
                <span className="flex min-w-0 flex-col">
                  <span className="truncate font-medium">{file.name}</span>
                  {/* The name of the button is what it does with which file. */}
                  <span aria-hidden="true" className="text-muted text-sm">
                    {sizeOf(file.size)}
                  </span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {open === null ? null : (
        <Viewer files={files} at={open} token={token} onMove={setOpen} onClose={() => setOpen(null)} />
      )}
    </>
  )
}

/** The shape of its place, known before the image is: nothing moves when it comes. Very long ones are cut. */
const shapeOf = ({ width, height }: FilePart) => Math.min(2, Math.max(0.5, (width ?? 1) / (height ?? 1)))
