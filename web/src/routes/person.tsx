import '../locales/person-words'
import { RequirePerson } from '../app/require-person'
import { ChatPage } from '../features/chat/chat-page'

export const Person = () => <RequirePerson />

export const Chat = () => <ChatPage />
