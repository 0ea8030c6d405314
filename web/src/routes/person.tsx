import { RequirePerson } from '../app/require-person'
import { ChatPage } from '../features/chat/chat-page'
import { groups } from '../features/conversations/groups'
import { conversations, favorites } from '../features/conversations/queries'
import { queryClient } from '../lib/query-client'

// What the sidebar shows comes together, so that nothing in it moves, and beside the question who that is.
void queryClient.prefetchInfiniteQuery(conversations)
void queryClient.prefetchInfiniteQuery(favorites)
void queryClient.prefetchQuery(groups)

export const Person = () => <RequirePerson />

export const Chat = () => <ChatPage />
