import { useState } from 'react'
import { Button } from '../../components/ui/button'
import { Dialog, DialogClose, DialogContent, DialogDescription, DialogTitle } from '../../components/ui/dialog'
import { Field } from '../../components/ui/field'
import { TextArea } from '../../components/ui/text-area'
import { useTranslate } from '../../lib/i18n'
import { useForm } from '../../lib/use-form'
import { FormError } from '../accounts/form-error'
import type { Options } from './drafts'

/** As the server takes them. */
const mostInstructions = 8_000
const mostTokens = 10_000_000

type OptionsDialogProps = {
  options: Options
  /** Undefined while there is no conversation that could have some. */
  instructions: string | undefined
  onSave: (options: Options, instructions: string | undefined) => Promise<void>
  onClose: () => void
}

/** How the answers of a conversation are asked for: this browser remembers it, and the server the instructions. */
export function OptionsDialog({ options, instructions, onSave, onClose }: OptionsDialogProps) {
  const t = useTranslate()
  const [temperature, setTemperature] = useState(String(options.temperature ?? ''))
  const [tokens, setTokens] = useState(String(options.max_tokens ?? ''))
  const [text, setText] = useState(instructions ?? '')
  const length = [...text].length

  const form = useForm(async () => {
    // Whether the web is searched is chosen beside the field.
    const chosen: Options = options.use_rag ? { use_rag: true } : {}
    if (temperature !== '') chosen.temperature = Number(temperature)
    if (tokens !== '') chosen.max_tokens = Number(tokens)
    await onSave(chosen, instructions === undefined || text === instructions ? undefined : text.trim())
    onClose()
  })

  return (
    <Dialog open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <DialogContent className="max-h-[90dvh] overflow-y-auto">
        <form onSubmit={form.onSubmit} className="flex flex-col gap-4">
          <DialogTitle>{t('options.title')}</DialogTitle>
          <DialogDescription>{t('options.hint')}</DialogDescription>
          <FormError text={form.message} />
          <Field
            label={t('options.temperature')}
            hint={t('options.temperatureHint')}
            type="number"
            inputMode="decimal"
            min={0}
            max={2}
            step={0.05}
            placeholder={t('options.default')}
            value={temperature}
            onChange={(event) => setTemperature(event.target.value)}
          />
          <Field
            label={t('options.longest')}
            hint={t('options.longestHint')}
            type="number"
            inputMode="numeric"
            min={1}
            max={mostTokens}
            placeholder={t('options.default')}
            value={tokens}
            onChange={(event) => setTokens(event.target.value)}
          />
          <Button
            size="sm"
            className="self-start"
            onClick={() => {
              setTemperature('')
              setTokens('')
            }}
          >
            {t('options.reset')}
          </Button>
          {instructions !== undefined ? (
            <TextArea
              label={t('options.instructions')}
              hint={
                length > mostInstructions * 0.8
                  ? t('settings.instructionsLength', { count: length })
                  : t('options.instructionsHint')
              }
              error={length > mostInstructions ? t('settings.instructionsLength', { count: length }) : undefined}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          ) : (
            <p className="text-muted text-sm">{t('options.instructionsLater')}</p>
          )}
          <div className="flex flex-wrap justify-end gap-2">
            <DialogClose asChild>
              <Button>{t('app.cancel')}</Button>
            </DialogClose>
            <Button type="submit" variant="primary" loading={form.busy} disabled={length > mostInstructions}>
              {t('app.save')}
            </Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  )
}
