import { useQuery } from '@tanstack/react-query'
import { useNavigate } from 'react-router'
import { useTranslate } from '../../lib/i18n'
import { paths } from '../../lib/paths'
import { noteOf } from '../models/note'
import { pickedModel, pickModel } from '../models/pick'
import { canUse, models } from '../models/queries'
import type { CommandChoice } from './choices'

/** The models that can be used: one is picked for the chat that is open, else for a new one. */
export function useModelChoices(): CommandChoice[] {
  const t = useTranslate()
  const navigate = useNavigate()
  const { data = [] } = useQuery(models)
  return data.filter(canUse).map((model) => ({
    id: `model-${model.id}`,
    title: model.name,
    note: noteOf(model, t),
    current: model.id === pickedModel(),
    act: () => {
      if (!pickModel(model.id)) void navigate(paths.newChat)
    },
  }))
}
