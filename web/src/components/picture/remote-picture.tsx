import { address as page } from 'virtual:sandbox/picture'
import { ImageIcon } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslate } from '../../lib/i18n'
import { Button } from '../ui/button'
import { allow, useIsAllowed } from './allowed'
import { readSize, type Size } from './size'

type RemotePictureProps = { address: string; name: string }

/** An image of another host. Loading it would tell that host what is being read, so that is asked first. */
export function RemotePicture({ address, name }: RemotePictureProps) {
  const t = useTranslate()
  const allowed = useIsAllowed(address)
  const host = new URL(address).host
  if (allowed) return <Loaded address={address} name={name} host={host} />
  return (
    <span className="my-3 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-card border border-border bg-surface px-4 py-2.5 text-base">
      <ImageIcon className="size-4 shrink-0 stroke-[1.75] text-muted" />
      <span className="min-w-0 flex-1 basis-40">
        <span className="block truncate">{name || t('image.unnamed')}</span>
        <span className="block truncate text-muted text-sm">{t('image.from', { host })}</span>
      </span>
      <Button size="sm" variant="outline" onClick={() => allow(address)}>
        {t('image.load')}
      </Button>
    </span>
  )
}

/** The image in a page without an origin: this one cannot load it. */
function Loaded({ address, name, host }: RemotePictureProps & { host: string }) {
  const t = useTranslate()
  const frame = useRef<HTMLIFrameElement>(null)
  const [size, setSize] = useState<Size>()
  const [failed, setFailed] = useState(false)

  useEffect(() => {
    const listen = ({ source, data }: MessageEvent) => {
      if (!frame.current || source !== frame.current.contentWindow) return
      if (data?.ready === true) frame.current.contentWindow?.postMessage({ address }, '*')
      else if (data?.error === true) setFailed(true)
      else setSize(readSize(data))
    }
    addEventListener('message', listen)
    return () => removeEventListener('message', listen)
  }, [address])

  const link = (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {host}
    </a>
  )
  if (failed)
    return (
      <span className="my-3 block rounded-card border border-border px-4 py-2.5 text-base text-muted">
        {t('image.failed')} {link}
      </span>
    )
  return (
    <span className="my-3 block">
      <iframe
        ref={frame}
        src={page}
        sandbox="allow-scripts"
        title={name || t('image.unnamed')}
        className="block max-h-[480px] w-full rounded-card border-0"
        style={size ? { aspectRatio: `${size.width} / ${size.height}`, maxWidth: size.width } : { height: 160 }}
      />
      <span className="block text-muted text-sm">{link}</span>
    </span>
  )
}
