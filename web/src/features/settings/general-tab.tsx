import type { ReactNode } from 'react'
import { LanguageChoice, selectClass, ThemeChoice } from '../../components/choice'
import { withEnter } from '../../lib/commands'
import { useTranslate } from '../../lib/i18n'
import { type Density, type TextSize, usePreferences } from '../../lib/preferences'
import { Saved } from './saved'
import { Section } from './section'
import { Switch } from './switch'
import { useLooks } from './use-looks'

const densities: Density[] = ['comfortable', 'compact']
const sizes: TextSize[] = ['small', 'medium', 'large']

/** How the app looks and behaves, on every device of the account. */
export function GeneralTab() {
  const t = useTranslate()
  const { density, textSize, sendOnEnter, showReasoning, wrapCode, wholeAnswers } = usePreferences()
  const { saved, pick } = useLooks()

  return (
    <Section title={t('settings.general')} hint={t('settings.generalHint')}>
      <Row label={t('language')}>
        <LanguageChoice onChoose={(language) => void pick({ language })} />
      </Row>
      <Row label={t('theme')}>
        <ThemeChoice onChoose={(theme) => void pick({ theme })} />
      </Row>
      <Row label={t('settings.density')}>
        <select
          aria-label={t('settings.density')}
          className={selectClass}
          value={density}
          onChange={(event) => void pick({ density: event.target.value as Density })}
        >
          {densities.map((one) => (
            <option key={one} value={one}>
              {t(`settings.density.${one}`)}
            </option>
          ))}
        </select>
      </Row>
      <Row label={t('settings.textSize')}>
        <select
          aria-label={t('settings.textSize')}
          className={selectClass}
          value={textSize}
          onChange={(event) => void pick({ font_size: event.target.value as TextSize })}
        >
          {sizes.map((size) => (
            <option key={size} value={size}>
              {t(`settings.textSize.${size}`)}
            </option>
          ))}
        </select>
      </Row>
      <Row label={t('settings.sendKey')}>
        <select
          aria-label={t('settings.sendKey')}
          className={selectClass}
          value={sendOnEnter ? 'enter' : 'modifier'}
          onChange={(event) => void pick({ send_on_enter: event.target.value === 'enter' })}
        >
          <option value="enter">Enter</option>
          <option value="modifier">{withEnter}</option>
        </select>
      </Row>
      <Switch
        label={t('settings.showReasoning')}
        on={showReasoning}
        onSwitch={(show_reasoning) => void pick({ show_reasoning })}
      />
      <Switch
        label={t('settings.wholeAnswers')}
        on={wholeAnswers}
        onSwitch={(whole_answers) => void pick({ whole_answers })}
      />
      <Switch label={t('settings.wrapCode')} on={wrapCode} onSwitch={(wrap_code) => void pick({ wrap_code })} />
      <div className="flex min-h-5 justify-end">{saved ? <Saved /> : null}</div>
    </Section>
  )
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex min-h-9 items-center justify-between gap-4">
      <span aria-hidden="true">{label}</span>
      {children}
    </div>
  )
}
