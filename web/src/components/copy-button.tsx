import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { announce } from '../lib/announce'
import { copyText } from '../lib/clipboard'
import { useTranslate } from '../lib/i18n'
import { notify } from '../lib/toast'
import { IconButton } from './ui/icon-button'

/** Copies a text and says so for two seconds, in the button itself. */
export function CopyButton({ label, text }: { label: string; text: () => string }) {
  const t = useTranslate()
  const [copied, setCopied] = useState(false)

  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2_000)
    return () => clearTimeout(timer)
  }, [copied])

  async function copy() {
    const done = await copyText(text())
    setCopied(done)
    if (done) announce(t('chat.copied'))
    if (!done) notify(t('chat.copyFailed'), { kind: 'error' })
  }

  return (
    <IconButton label={label} onClick={() => void copy()}>
      {copied ? <Check className="text-ok" /> : <Copy />}
    </IconButton>
  )
}
