import { ImageOff } from 'lucide-react'
import { useState } from 'react'
import { http } from '../../lib/http'

/** An image of ours. If it cannot be read the session may have run out: it is renewed, and the image asked for once more. */
export function FileImage({ src, alt, className }: { src: string; alt: string; className: string }) {
  const [state, setState] = useState<'first' | 'again' | 'failed'>('first')
  if (state === 'failed')
    return (
      <span className="grid size-full min-h-10 place-items-center text-muted">
        <ImageOff className="size-6 stroke-[1.75]" />
      </span>
    )
  function onError() {
    if (state === 'again') return setState('failed')
    void http('/api/v1/auth/me').then(
      () => setState('again'),
      () => setState('failed'),
    )
  }
  return (
    <img
      src={state === 'again' ? `${src}?again` : src}
      alt={alt}
      className={className}
      decoding="async"
      onError={onError}
    />
  )
}
