import { useState } from 'react'
import { Button } from '../../components/ui/button'
import { useTranslate } from '../../lib/i18n'
import { notify, notifyError } from '../../lib/toast'
import { organise } from '../conversations/organise'
import { everyConversation } from '../conversations/queries'
import { Question } from './question'
import { Section } from './section'

type All = 'archive' | 'delete'

/** What is done to all conversations at once, and can be taken back. */
export function AllConversationsSection() {
  const t = useTranslate()
  const [busy, setBusy] = useState(false)
  const [asking, setAsking] = useState(false)

  async function perform(deed: All) {
    setBusy(true)
    try {
      const held = await everyConversation(deed === 'delete' ? ['list', 'archive'] : ['list'])
      const count = held.length
      if (count === 0) return notify(t('settings.allNone'))
      const ids = held.map(({ id }) => id)
      const undo = await organise(ids, deed, held)
      const text = t(deed === 'delete' ? 'conversation.deletedMany' : 'conversation.archivedMany', { count })
      const takeBack = () => void undo().catch(notifyError)
      notify(text, { duration: 10_000, action: { label: t('conversation.undo'), perform: takeBack } })
    } catch (error) {
      notifyError(error)
    } finally {
      setBusy(false)
    }
  }

  return (
    <Section title={t('settings.all')} hint={t('settings.allHint')} danger>
      <div className="flex flex-wrap gap-2">
        <Button loading={busy && !asking} disabled={busy} onClick={() => void perform('archive')}>
          {t('settings.archiveAll')}
        </Button>
        <Button variant="danger" disabled={busy} onClick={() => setAsking(true)}>
          {t('settings.deleteAll')}
        </Button>
      </div>
      {asking ? (
        <Question
          title={t('settings.deleteAllTitle')}
          text={t('settings.allHint')}
          action={t('settings.deleteAll')}
          word={t('settings.deleteAllWord')}
          onYes={() => perform('delete')}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </Section>
  )
}
