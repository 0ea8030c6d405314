import { Pencil } from 'lucide-react'
import { useEffect } from 'react'
import { Tooltip } from '../../components/ui/tooltip'
import { register } from '../../lib/commands'
import { useTranslate } from '../../lib/i18n'
import { useChangeConversation } from './queries'
import { mayWrite } from './role'
import { TitleField, useNaming } from './title-field'
import type { Conversation } from './types'

/** The title in the header. The button covers the title, so that a click anywhere on it starts to rename. */
export function ConversationTitle({ held }: { held: Conversation }) {
  const t = useTranslate()
  const { naming, back, begin, close } = useNaming<HTMLButtonElement>()
  const change = useChangeConversation(held.id)
  const mayRename = mayWrite(held.role)
  useEffect(() => (mayRename ? register([{ id: 'rename', perform: begin }]) : undefined), [mayRename, begin])

  if (!mayRename)
    return (
      <h1 className="min-w-0 truncate px-2 font-medium text-base max-md:sr-only">
        {held.title || t('conversation.untitled')}
      </h1>
    )
  if (naming)
    return (
      <div className="hidden min-w-0 max-w-md flex-1 md:block">
        <h1 className="sr-only">{held.title}</h1>
        <TitleField
          title={held.title}
          onSave={(title) => change.mutate({ title })}
          onClose={close}
          className="font-medium"
        />
      </div>
    )
  return (
    <div className="group/title relative flex h-8 min-w-0 items-center gap-1.5 rounded-button px-2 hover:bg-user max-md:sr-only">
      <h1 key={held.title} className="fade-in min-w-0 animate-in truncate font-medium text-base duration-300">
        {held.title || t('conversation.untitled')}
      </h1>
      <Tooltip text={t('conversation.rename')}>
        <button
          ref={back}
          type="button"
          aria-label={t('conversation.rename')}
          onClick={begin}
          className="grid size-6 shrink-0 place-items-center rounded-chip text-muted opacity-0 after:absolute after:inset-0 focus-visible:opacity-100 group-hover/title:opacity-100"
        >
          <Pencil className="size-3.5 stroke-[1.75]" />
        </button>
      </Tooltip>
    </div>
  )
}
