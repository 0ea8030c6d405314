import type { Translate } from '../../lib/i18n'
import type { ModelCard } from './types'

/** What a person should know before choosing a model, in one line. */
export function noteOf(model: ModelCard, t: Translate): string {
  if (!model.allowed) return t('model.notAllowed')
  if (!model.available) return t('model.notAvailable')
  const notes = [model.provider]
  if (model.capabilities.reasoning) notes.push(t('model.reasoning'))
  if (model.capabilities.vision) notes.push(t('model.vision'))
  return notes.join(' · ')
}
