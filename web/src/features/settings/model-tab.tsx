import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { Button } from '../../components/ui/button'
import { inputClass } from '../../components/ui/field'
import { TextArea } from '../../components/ui/text-area'
import { announce } from '../../lib/announce'
import { useTranslate } from '../../lib/i18n'
import { notifyError } from '../../lib/toast'
import { useForm } from '../../lib/use-form'
import { FormError } from '../accounts/form-error'
import { choose, useChosen } from '../accounts/queries'
import { canUse, models } from '../models/queries'
import { Saved } from './saved'
import { Section } from './section'

/** As the server takes them. */
const most = 8_000

export function ModelTab() {
  return (
    <>
      <DefaultModelSection />
      <InstructionsSection />
    </>
  )
}

function DefaultModelSection() {
  const t = useTranslate()
  const id = useId()
  const chosen = useChosen().default_model ?? ''
  const { data: list } = useQuery(models)
  // What was just picked is shown until the server has taken or refused it.
  const [picked, setPicked] = useState<string>()
  const [saved, setSaved] = useState(false)
  const isGone = list && chosen && !list.some((model) => model.id === chosen)

  async function pick(model: string) {
    setPicked(model)
    setSaved(false)
    try {
      await choose({ default_model: model || null })
      setSaved(true)
      announce(t('app.saved'))
    } catch (error) {
      notifyError(error)
    } finally {
      setPicked(undefined)
    }
  }

  return (
    <Section title={t('settings.defaultModel')} hint={t('settings.defaultModelHint')}>
      <div className="flex flex-wrap items-center gap-3">
        <label htmlFor={id} className="sr-only">
          {t('settings.defaultModel')}
        </label>
        <select
          id={id}
          className={`${inputClass} w-auto! max-w-full`}
          value={picked ?? chosen}
          onChange={(event) => void pick(event.target.value)}
        >
          <option value="">{t('settings.lastModel')}</option>
          {isGone ? <option value={chosen}>{t('model.gone', { name: chosen })}</option> : null}
          {list?.map((model) => (
            <option key={model.id} value={model.id} disabled={!canUse(model)}>
              {model.name}
            </option>
          ))}
        </select>
        {saved ? <Saved /> : null}
      </div>
    </Section>
  )
}

function InstructionsSection() {
  const t = useTranslate()
  const kept = useChosen().custom_instructions ?? ''
  const [text, setText] = useState(kept)
  const [saved, setSaved] = useState(false)
  const length = [...text].length
  const form = useForm(async () => {
    await choose({ custom_instructions: text.trim() || null })
    setSaved(true)
    announce(t('app.saved'))
  })
  return (
    <Section title={t('settings.instructions')} hint={t('settings.instructionsHint')}>
      <form onSubmit={form.onSubmit} className="flex flex-col gap-4">
        <FormError text={form.message} />
        <TextArea
          label={t('settings.instructionsLabel')}
          name="custom_instructions"
          placeholder={t('settings.instructionsExample')}
          value={text}
          hint={length > most * 0.8 ? t('settings.instructionsLength', { count: length }) : undefined}
          error={
            length > most ? t('settings.instructionsLength', { count: length }) : form.errorOf('custom_instructions')
          }
          onChange={(event) => {
            setText(event.target.value)
            setSaved(false)
          }}
        />
        <div className="flex items-center gap-3">
          <Button type="submit" variant="primary" loading={form.busy} disabled={length > most}>
            {t('app.save')}
          </Button>
          {saved ? <Saved /> : null}
        </div>
      </form>
    </Section>
  )
}
