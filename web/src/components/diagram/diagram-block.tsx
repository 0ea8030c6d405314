import { Code, Download, Expand, Workflow } from 'lucide-react'
import { useRef, useState } from 'react'
import { type Key, useTranslate } from '../../lib/i18n'
import { saveText } from '../../lib/save-text'
import { useDark } from '../../lib/use-dark'
import { useInSight } from '../../lib/use-in-sight'
import { CopyButton } from '../copy-button'
import { CodeFrame, PlainCode } from '../markdown/code-block'
import { IconButton } from '../ui/icon-button'
import { DiagramDialog } from './diagram-dialog'
import { type Drawing, imageOf } from './drawing'
import { type Failure, useDrawing } from './use-drawing'

const words: Record<Failure, Key> = { long: 'diagram.long', invalid: 'diagram.failed', slow: 'diagram.slow' }

/** A diagram in the place of its source, with a way back to it. A source that cannot be drawn is shown with why. */
export function DiagramBlock({ source }: { source: string }) {
  const t = useTranslate()
  const dark = useDark()
  const place = useRef<HTMLDivElement>(null)
  const [asSource, setAsSource] = useState(false)
  const [large, setLarge] = useState(false)
  const wanted = useInSight(place)
  const { drawing, failure, reason } = useDrawing(source, dark, wanted)
  const showsSource = asSource || failure !== undefined
  return (
    <div ref={place} data-opened={asSource}>
      <CodeFrame
        name="mermaid"
        actions={
          <>
            {drawing ? (
              <>
                <IconButton
                  label={t(asSource ? 'diagram.show' : 'diagram.source')}
                  onClick={() => setAsSource(!asSource)}
                >
                  {asSource ? <Workflow /> : <Code />}
                </IconButton>
                <IconButton
                  label={t('diagram.download')}
                  onClick={() => saveText('diagram.svg', 'image/svg+xml', drawing.svg)}
                >
                  <Download />
                </IconButton>
                <IconButton label={t('diagram.large')} onClick={() => setLarge(true)}>
                  <Expand />
                </IconButton>
              </>
            ) : null}
            <CopyButton label={t('code.copy')} text={() => source} />
          </>
        }
      >
        {showsSource ? (
          <>
            {failure ? (
              <p className="m-0! border-border border-b px-4 py-2 text-muted text-sm [overflow-wrap:anywhere]">
                {t(words[failure])}
                {reason ? <span className="block font-mono text-xs">{reason.split('\n', 1)[0]}</span> : null}
              </p>
            ) : null}
            <PlainCode code={source} name="mermaid" />
          </>
        ) : drawing ? (
          <Shown drawing={drawing} />
        ) : (
          <div aria-busy={wanted} className="grid place-items-center" style={{ height: roomFor(source) }}>
            <span className="stream-dot" />
          </div>
        )}
      </CodeFrame>
      {large && drawing ? <DiagramDialog drawing={drawing} onClose={() => setLarge(false)} /> : null}
    </div>
  )
}

function Shown({ drawing }: { drawing: Drawing }) {
  const t = useTranslate()
  const { width, height } = drawing
  return (
    <div className="px-4 py-3">
      <img
        src={imageOf(drawing)}
        alt={drawing.title || t('diagram.label')}
        width={width}
        height={height}
        className="mx-auto h-auto max-h-[480px] max-w-full object-contain"
      />
    </div>
  )
}

/** About what a diagram needs whose size is not known yet. */
const roomFor = (source: string) => Math.min(400, 120 + 28 * source.split('\n').length)
