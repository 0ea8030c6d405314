import { ShortcutList } from '../../components/shortcut-list'
import { useTranslate } from '../../lib/i18n'
import { usePreferences } from '../../lib/preferences'
import { Saved } from './saved'
import { Section } from './section'
import { Switch } from './switch'
import { useLooks } from './use-looks'

export function ShortcutsTab() {
  const t = useTranslate()
  const singleKeys = usePreferences((state) => state.singleKeys)
  const { saved, pick } = useLooks()
  return (
    <Section title={t('shortcuts.title')}>
      <Switch label={t('settings.singleKeys')} on={singleKeys} onSwitch={(single_keys) => void pick({ single_keys })} />
      <div className="flex min-h-5 justify-end">{saved ? <Saved /> : null}</div>
      <div className="-mt-4">
        <ShortcutList />
      </div>
    </Section>
  )
}
