import '../locales/person-words'
import { InvitePage } from '../features/people/invite-page'

export const Invite = () => <InvitePage />
