import '../locales/invite-words'
import { InvitePage } from '../features/people/invite-page'

export const Invite = () => <InvitePage />
