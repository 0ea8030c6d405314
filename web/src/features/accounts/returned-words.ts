import type { Key } from '../../lib/i18n'

/** Why somebody who was at another service is not signed in, by the code of the problem in the address. */
const words = new Map<string, Key>(
  Object.entries({
    account_deactivated: 'returned.deactivated',
    email_not_verified: 'returned.notVerified',
    identity_taken: 'returned.taken',
    setup_code_needed: 'returned.first',
    sign_in_ended: 'returned.ended',
    sign_in_not_believed: 'returned.notBelieved',
    sign_in_stopped: 'returned.stopped',
    sign_in_unreachable: 'returned.unreachable',
    sign_up_closed: 'auth.closed',
  }),
)

export const wordsOf = (code: string): Key => words.get(code) ?? 'returned.other'
