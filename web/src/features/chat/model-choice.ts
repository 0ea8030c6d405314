/** Models that were chosen for conversations and that the server does not have yet. */
import { create } from 'zustand'
import { translate } from '../../lib/i18n'
import { usePreferences } from '../../lib/preferences'
import { queryClient } from '../../lib/query-client'
import { notify } from '../../lib/toast'
import { changeConversation } from '../conversations/queries'
import { models } from '../models/queries'
import type { Place } from './drafts'

/** By conversation. */
export const useChoices = create<Readonly<Record<number, string>>>(() => ({}))

const choiceOf = (place: Place) => (place === 'new' ? undefined : useChoices.getState()[place])

/** What goes with a request of a conversation until the server knows the choice: the answer is that of the model that is shown. */
export const withChoice = (place: Place): { model?: string } => {
  const model = choiceOf(place)
  return model ? { model } : {}
}

/** Tells the server the model of a conversation, one choice after the other. What it refuses is taken back, with a word. */
export async function chooseModel(conversation: number, model: string) {
  const isBeingTold = choiceOf(conversation) !== undefined
  let before = usePreferences.getState().model
  useChoices.setState({ [conversation]: model })
  usePreferences.setState({ model })
  if (isBeingTold) return
  for (let told = model; ; told = choiceOf(conversation) ?? told) {
    const isTaken = await changeConversation(conversation, { model: told }).then(
      () => true,
      () => false,
    )
    if (isTaken) before = told
    if (choiceOf(conversation) !== told) continue
    if (!isTaken) refuse(told, before)
    useChoices.setState(({ [conversation]: _, ...others }) => others, true)
    return
  }
}

function refuse(model: string, before: string | null) {
  if (usePreferences.getState().model === model) usePreferences.setState({ model: before })
  const name = queryClient.getQueryData(models.queryKey)?.find(({ id }) => id === model)?.name ?? model
  notify(translate('model.refused', { name }), { kind: 'error' })
}
