import { RequirePerson } from '../app/require-person'
import { ChatPage } from '../features/chat/chat-page'
import { groups } from '../features/conversations/groups'
import { conversations, favorites } from '../features/conversations/queries'
import { models } from '../features/models/queries'
import { queryClient } from '../lib/query-client'

// What every page of a signed-in person shows is asked for beside the question who that is, not after it.
void queryClient.prefetchInfiniteQuery(conversations)
void queryClient.prefetchInfiniteQuery(favorites)
void queryClient.prefetchQuery(groups)
void queryClient.prefetchQuery(models)

export const Person = () => <RequirePerson />

export const Chat = () => <ChatPage />
