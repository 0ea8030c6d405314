import type { Words } from './en'
import type { enInvite } from './en-invite'

/** The Italian of `en-invite.ts`. */
export const itInvite: Words<typeof enInvite> = {
  'invite.title': 'Hai un invito',
  'invite.by': '{name} ti invita alla conversazione',
  'invite.as.viewer': 'Potrai leggerla e vedere ciò che si scrive mentre si scrive.',
  'invite.as.commenter': 'Potrai leggerla e scrivere note per gli altri.',
  'invite.as.editor': 'Potrai leggerla e interrogare il modello, come chi ne è proprietario.',
  'invite.accept': 'Entra nella conversazione',
  'invite.hint': 'Se non hai effettuato l’accesso, lo fai prima e poi torni qui.',
  'invite.gone.title': 'Questo invito non porta più da nessuna parte',
  'invite.gone.text':
    'È stato usato, ritirato o è scaduto, oppure l’indirizzo non è completo. Chiedine un altro a chi te lo ha inviato.',
  'invite.ends': 'Valido fino al {when}',
}
