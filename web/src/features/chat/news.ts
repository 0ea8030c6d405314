/** What happens elsewhere, in another tab or on another device, is shown here. */
import { go } from '../../lib/go'
import { useSessionEnded } from '../../lib/http'
import { translate } from '../../lib/i18n'
import type { News } from '../../lib/news/hub'
import { paths } from '../../lib/paths'
import { queryClient } from '../../lib/query-client'
import { notify } from '../../lib/toast'
import { holdChosen, me } from '../accounts/queries'
import { groups, readGroups } from '../conversations/groups'
import { markUnread } from '../conversations/marks'
import { patchHeld, placeHeld, removeHeld } from '../conversations/queries'
import type { Conversation } from '../conversations/types'
import { hearPeople, isOfPeople, leaving } from '../people/heard'
import { useLive } from './live'
import { fresh, heldMessages, messagesOf, readMessages } from './queries'
import { wakeEnded } from './rest'
import { isFollowed } from './turns'

/** Whether the page is heard for the first time: what was asked with it may be as old as the page, whenever it was taken. */
let isFirst = true

export function applyNews(news: News) {
  switch (news.type) {
    case 'hello': {
      const oldest = isFirst ? performance.timeOrigin : Number.POSITIVE_INFINITY
      // A choice that was made just before the page was left may have come to the server after this page was asked for.
      if (isFirst) void queryClient.invalidateQueries({ queryKey: me.queryKey })
      isFirst = false
      void queryClient.invalidateQueries({
        predicate: ({ queryKey: [first], state }) =>
          (isShownLive(first) || isOfPeople(first)) &&
          state.fetchStatus === 'idle' &&
          Date.now() - Math.min(state.dataUpdatedAt, oldest) > fresh,
      })
      void queryClient.invalidateQueries(groups)
      hearPeople(news)
      break
    }
    case 'conversation.created':
      placeHeld(news.conversation)
      break
    case 'conversation.updated':
      placeHeld(news.conversation)
      readBranch(news.conversation)
      break
    case 'conversation.deleted':
      leaveGone(news.conversation)
      removeHeld(news.conversation)
      break
    case 'message.created':
      // A question comes with its answer, of which there is word next.
      if (news.role === 'assistant') readNew(news.conversation_id, news.message_id)
      break
    case 'message.deleted':
      void readMessages(news.conversation_id)
      void queryClient.invalidateQueries({ queryKey: ['notes', news.conversation_id] })
      break
    case 'turn.started':
      patchHeld(news.conversation_id, { running_turn_id: news.turn_id })
      break
    case 'turn.ended':
      end(news)
      break
    case 'groups':
      void readGroups()
      break
    case 'preferences':
      holdChosen(news.preferences)
      break
    case 'session.ended':
      // A tab that signs out itself is on its way to the sign-in page.
      setTimeout(() => useSessionEnded.setState({ ended: true }), 1_000)
      break
    default:
      hearPeople(news)
  }
}

const isShownLive = (key: unknown) => key === 'conversations' || key === 'conversation' || key === 'messages'

/** Somebody else's conversation that is gone while it is looked at: the page says so, unless it was left here, and goes to a new chat. */
function leaveGone({ id, role, title }: Conversation) {
  const isOwnDoing = leaving.delete(id)
  if (role === 'owner' || useLive.getState().current !== id) return
  if (!isOwnDoing)
    notify(translate('people.gone', { title: title || translate('conversation.untitled') }), { duration: 10_000 })
  go(paths.newChat)
}

/** A message that is on its way from this tab comes by the answer to that. */
function readNew(conversation: number, message: number) {
  if (useLive.getState().outgoing[conversation]) return
  if (heldMessages(conversation).some(({ id }) => id === message)) return
  void readMessages(conversation)
}

/** Another branch was chosen elsewhere. What is being answered here is read when its answer has ended. */
function readBranch({ id, active_message_id: active }: Conversation) {
  const last = heldMessages(id).at(-1)
  const sending = useLive.getState().outgoing[id]
  if (!last || last.id === active || isFollowed(id) || (sending && sending.state !== 'failed')) return
  void readMessages(id)
}

function end({ conversation_id: conversation, turn_id: turn, message_id, state }: News & { type: 'turn.ended' }) {
  wakeEnded(turn)
  patchHeld(conversation, { running_turn_id: null })
  if (isFollowed(conversation)) return
  const isOpen = useLive.getState().current === conversation && !document.hidden
  if (!isOpen && state !== 'stopped') markUnread(conversation)
  const isHeld = queryClient.getQueryData(messagesOf(conversation).queryKey) !== undefined
  const held = heldMessages(conversation).find(({ id }) => id === message_id)
  if (isHeld && held?.state !== state) void readMessages(conversation)
}
