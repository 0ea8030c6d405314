import { ShortcutList } from '../../components/shortcut-list'
import { useTranslate } from '../../lib/i18n'
import { Section } from './section'

export function ShortcutsTab() {
  const t = useTranslate()
  return (
    <Section title={t('shortcuts.title')}>
      <div className="-mt-4">
        <ShortcutList />
      </div>
    </Section>
  )
}
