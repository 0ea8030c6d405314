import { useQuery } from '@tanstack/react-query'
import { Globe } from 'lucide-react'
import { Button } from '../../components/ui/button'
import { Tooltip } from '../../components/ui/tooltip'
import { useTranslate } from '../../lib/i18n'
import { instance } from '../accounts/queries'
import { changeDraft, type Place, useDraft } from './drafts'

/** Whether the web is searched for the answers of a place: kept with its draft. */
export function WebToggle({ place }: { place: Place }) {
  const t = useTranslate()
  const { options } = useDraft(place)
  const { data } = useQuery(instance)
  const { use_rag: isOn, ...others } = options
  if (!data?.web_search) return null
  return (
    <Tooltip text={t('chat.web.hint')}>
      <Button
        size="sm"
        variant="ghost"
        aria-pressed={isOn === true}
        className={isOn ? 'bg-accent-soft! text-accent-text!' : ''}
        // Pressing it leaves the focus where it is: in the field.
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => changeDraft(place, { options: isOn ? others : { ...others, use_rag: true } }, true)}
      >
        <Globe />
        {t('chat.web')}
      </Button>
    </Tooltip>
  )
}
