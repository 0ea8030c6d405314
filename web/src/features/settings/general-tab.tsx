import type { ReactNode } from 'react'
import { LanguageChoice, ThemeChoice } from '../../components/choice'
import { useTranslate } from '../../lib/i18n'
import { Section } from './section'

export function GeneralTab() {
  const t = useTranslate()
  return (
    <Section title={t('settings.general')}>
      <Row label={t('theme')}>
        <ThemeChoice />
      </Row>
      <Row label={t('language')}>
        <LanguageChoice />
      </Row>
    </Section>
  )
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex items-center justify-between gap-4">
      <span aria-hidden="true">{label}</span>
      {children}
    </div>
  )
}
