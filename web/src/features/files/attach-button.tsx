import { Paperclip } from 'lucide-react'
import { useRef } from 'react'
import { IconButton } from '../../components/ui/icon-button'
import { useTranslate } from '../../lib/i18n'

/** Chooses files of the device. */
export function AttachButton({ onFiles }: { onFiles: (files: File[]) => void }) {
  const t = useTranslate()
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <IconButton label={t('file.attach')} onClick={() => input.current?.click()}>
        <Paperclip />
      </IconButton>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])])
          event.target.value = ''
        }}
      />
    </>
  )
}
