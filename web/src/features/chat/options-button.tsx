import { SlidersHorizontal } from 'lucide-react'
import { type ComponentProps, useState } from 'react'
import { IconButton } from '../../components/ui/icon-button'
import { useTranslate } from '../../lib/i18n'
import { piece, usePiece } from '../../lib/piece'
import { changeConversation } from '../conversations/queries'
import type { Conversation } from '../conversations/types'
import { changeDraft, type Options, type Place, useDraft } from './drafts'

const dialog = piece(() => import('./options-dialog'))

/** Opens what can be chosen about answers beside their model, and shows whether something was. */
export function OptionsButton({ place, held }: { place: Place; held: Conversation | undefined }) {
  const t = useTranslate()
  const [open, setOpen] = useState(false)
  const { options } = useDraft(place)
  const { use_rag: _, ...others } = options
  const isChosen = Object.keys(others).length > 0 || Boolean(held?.instructions)

  async function save(chosen: Options, instructions: string | undefined) {
    if (held && instructions !== undefined) await changeConversation(held.id, { instructions: instructions || null })
    changeDraft(place, { options: chosen }, true)
  }

  return (
    <>
      <IconButton
        label={t(isChosen ? 'options.chosen' : 'options.title')}
        aria-haspopup="dialog"
        onFocus={dialog.preload}
        onPointerEnter={dialog.preload}
        onClick={() => setOpen(true)}
      >
        <SlidersHorizontal />
        {isChosen ? <span className="absolute end-1 top-1 size-2 rounded-full bg-accent" /> : null}
      </IconButton>
      {open ? (
        <Opened
          options={options}
          instructions={held && (held.instructions ?? '')}
          onSave={save}
          onClose={() => setOpen(false)}
        />
      ) : null}
    </>
  )
}

function Opened(props: ComponentProps<Awaited<ReturnType<typeof dialog.load>>['OptionsDialog']>) {
  const code = usePiece(dialog)
  return code ? <code.OptionsDialog {...props} /> : null
}
