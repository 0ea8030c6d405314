import '../locales/person-words'
import { RequirePerson } from '../app/require-person'
import { ChatPage } from '../features/chat/chat-page'
import { askWithPage } from '../features/chat/queries'

void askWithPage(location.pathname)

export const Person = () => <RequirePerson />

export const Chat = () => <ChatPage />
