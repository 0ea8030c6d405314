import type { Plural } from './en'

/** What the page of an invitation says. */
export const enInvite = {
  'invite.title': 'You are invited',
  'invite.by': '{name} invites you to the conversation',
  'invite.as.viewer': 'You may read it, and see what is written as it is written.',
  'invite.as.commenter': 'You may read it and write notes for the others.',
  'invite.as.editor': 'You may read it and ask the model, like its owner.',
  'invite.accept': 'Join the conversation',
  'invite.hint': 'If you are not signed in, you do that first and come back here.',
  'invite.gone.title': 'This invitation leads nowhere any more',
  'invite.gone.text':
    'It was used, withdrawn or has ended, or the address is not complete. Ask whoever sent it for another one.',
  'invite.ends': 'Good until {when}',
} as const satisfies Record<string, string | Plural>
