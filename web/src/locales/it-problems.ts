/** What the server says when it refuses something, in Italian. It comes with the Italian words, and with no others. */
import type { Refusal } from '../lib/problem'

/** One sentence for each `code`. */
export const byCode: Record<string, string> = {
  account_deactivated: 'Questo account è disattivato. Rivolgiti all’amministratore.',
  too_many_events: 'Troppe richieste insieme. Aspetta le risposte.',
  too_many_rooms: 'Questa connessione segue già troppe conversazioni. Prima lasciane una.',
  admin_only: 'Può farlo solo un amministratore.',
  answer_running: 'Qui si sta scrivendo una risposta. Riprova quando c’è.',
  being_answered: 'Qui si sta scrivendo una risposta. Fermala o aspettane la fine, poi elimina.',
  broken_body: 'I dati non sono arrivati interi. Riprova.',
  database_busy: 'Il server è occupato. Non è cambiato nulla: riprova.',
  database_unavailable: 'Il database non è raggiungibile. Non è cambiato nulla: riprova.',
  email_changed: 'L’indirizzo email è appena cambiato. Riprova.',
  email_not_verified: 'Il servizio non garantisce per un tuo indirizzo email. Verificalo lì, oppure registrati qui.',
  email_taken: 'Esiste già un account con questo indirizzo email. Accedi, oppure usane un altro.',
  file_in_use: 'Questo file appartiene a un messaggio. Sparisce quando ne elimini la conversazione.',
  foreign_origin: 'La richiesta viene dalla pagina di un altro sito. Apri il server al suo indirizzo.',
  identity_taken:
    'Questo account accede già a un altro account qui. Prima scollegalo da quello, oppure scegline un altro.',
  gateway_unreachable:
    'Il servizio di pagamento non risponde come dovrebbe. Non è stato addebitato nulla: riprova tra poco.',
  in_trash: 'Questa conversazione è nel cestino. Prima ripristinala.',
  internal: 'Il server ha commesso un errore. Riprova; se succede ancora, avvisa l’amministratore.',
  invalid: 'Nella richiesta c’è qualcosa che non va.',
  key_out_of_scope: 'Questa chiave API non è fatta per questo.',
  last_way_in: 'È l’unico modo per accedere al tuo account. Prima scegli una password, o collega un altro account.',
  link_needed:
    'Esiste un account con questo indirizzo email. Accedi con la sua password e collega il servizio nelle impostazioni.',
  needs_payment: 'Quello che avevi comprato è finito. Compra un piano per continuare.',
  no_subscription: 'Non c’è nessun piano attivo da disdire.',
  nothing_canceled: 'Non c’è nessun piano disdetto da riprendere.',
  payments_off: 'Qui non si può ancora comprare nulla: manca un servizio di pagamento. Rivolgiti all’amministratore.',
  malformed_json: 'Il server non ha capito la richiesta. Ricarica la pagina e riprova.',
  method_not_allowed: 'Il server non accetta questa richiesta. Ricarica la pagina e riprova.',
  needs_sign_in: 'Una chiave API non può farlo. Accedi con la password.',
  no_model: 'Al momento nessun modello è raggiungibile. Non è partito nulla: riprova tra poco.',
  not_in_plan: 'Il tuo piano non lo comprende. Fanne a meno, oppure scegli un altro piano.',
  search_off: 'Qui non si cerca nel web: deve attivarlo un amministratore.',
  search_failed: 'La ricerca nel web non è riuscita.',
  page_unreadable: 'Questa pagina non si può leggere.',
  not_online: 'Questa persona non è collegata.',
  no_password:
    'Questo account non ha ancora una password. Prima scegline una, con «Password dimenticata?» nella pagina di accesso.',
  no_such_path: 'A questo indirizzo non c’è niente. Ricarica la pagina e riprova.',
  node_not_current: 'Il server sta subentrando a un altro. Non è partito nulla: riprova tra poco.',
  not_an_answer: 'Si possono valutare solo le risposte.',
  not_found: 'Quello che cerchi non esiste più, oppure non puoi vederlo.',
  model_not_in_plan: 'Il tuo piano non comprende questo modello. Scegline un altro, o un piano più grande.',
  not_interrupted: 'Può continuare solo una risposta che si è fermata prima della fine. Chiedine una nuova.',
  owner_stays: 'Chi è proprietario di una conversazione lo resta. Per chiuderla a tutti, eliminala.',
  provider_auth:
    'Il fornitore del modello ha rifiutato la chiave di questo server. Un amministratore deve controllarla.',
  provider_bad_request: 'Il fornitore del modello ha rifiutato la richiesta. Il motivo è nei dettagli.',
  provider_cut: 'La connessione con il fornitore del modello è caduta prima della fine della risposta.',
  provider_garbage: 'Il fornitore del modello ha risposto in modo incomprensibile. Riprova.',
  provider_rate_limited: 'Il fornitore del modello riceve troppe richieste. Riprova tra poco.',
  provider_timeout: 'Il fornitore del modello ha impiegato troppo tempo. Riprova.',
  provider_unavailable: 'Al momento il fornitore del modello non è raggiungibile. Riprova tra poco.',
  quota_exhausted:
    'Hai usato i messaggi di questo mese. Potrai scrivere ancora dal primo del mese prossimo, o con un piano più grande.',
  rate_limited: 'Troppi tentativi in poco tempo. Riprova tra poco.',
  reset_link_ended: 'Questo link è già stato usato, è scaduto o ne è stato chiesto uno più recente. Chiedine un altro.',
  role_too_low: 'Il tuo ruolo in questa conversazione non lo permette. Chiedi a chi ne è proprietario.',
  setup_code_needed:
    'Il primo account è dell’amministratore e richiede il codice di configurazione, scritto nel registro del server.',
  setup_code_wrong: 'Il codice di configurazione non è questo. Il link giusto è nel registro del server.',
  sign_in_busy: 'In questo momento accedono in troppi. Riprova tra qualche secondo.',
  sign_in_ended: 'Questo accesso è durato troppo, è già stato usato o è iniziato in un altro browser. Ricomincia.',
  sign_in_not_believed:
    'Quello che ha detto il servizio non si è potuto verificare, quindi nessuno ha fatto l’accesso. Riprova.',
  sign_in_stopped: 'Il servizio non ti ha fatto entrare, o ti sei fermato lì. Riprova.',
  sign_in_unreachable: 'Il servizio non risponde. Riprova tra poco, o accedi in un altro modo.',
  sign_up_closed: 'Qui non si possono creare nuovi account. Rivolgiti all’amministratore.',
  stopping: 'Il server si sta riavviando. Riprova tra poco.',
  storage_full: 'Il disco del server è pieno. Non è cambiato nulla: avvisa l’amministratore.',
  too_large: 'È più grande di quanto il server accetti.',
  too_many_groups: 'Hai troppi gruppi. Eliminane uno per fare posto.',
  too_many_invitations: 'Ci sono già troppi inviti a questa conversazione. Ritirane uno per fare posto.',
  too_many_keys: 'Hai troppe chiavi API. Revocane una per fare posto.',
  too_many_listeners: 'Questo account è aperto in troppi posti. Chiudine qualcuno.',
  too_many_members: 'In questa conversazione ci sono già tutte le persone che può contenere.',
  too_many_orders: 'Ci sono già troppi ordini in attesa di pagamento. Pagane uno, o aspetta che ne scada uno.',
  too_many_running: 'Per questo account si stanno già scrivendo troppe risposte. Riprova quando ne finisce una.',
  too_many_waiting: 'Troppi messaggi aspettano già una risposta. Riprova quando ne è arrivata una.',
  too_slow: 'I dati non sono arrivati in tempo. Controlla la rete e riprova.',
  unauthenticated: 'La sessione è finita. Accedi di nuovo.',
  unfit: 'Nella richiesta c’è qualcosa che qui non va bene.',
  unsupported_media_type: 'File di questo tipo non si possono inviare.',
  username_taken: 'Questo nome utente è già in uso. Scegline un altro.',
  wrong_password: 'Non è la tua password.',
}

/** What says more than its code does: the server's words, `{}` standing for what it puts in, and ours, which number that. */
export const bySentence: Record<string, string> = {
  'The user name or e-mail address and the password do not belong together.':
    'Nome utente o email e password non corrispondono.',
  'This account is not active. Ask an administrator.': 'Questo account non è attivo. Rivolgiti a un amministratore.',
  '{} Try again in {} seconds.': 'Troppi tentativi in poco tempo. Riprova tra {2} s.',
  'The model provider is receiving too many requests{} Please try again in {} s':
    'Il fornitore del modello riceve troppe richieste. Riprova tra {2} s.',
  'The message has {} characters; at most {} can be sent at once. Shorten it or send it in parts.':
    'Il messaggio ha {1} caratteri; al massimo ne partono {2} alla volta. Accorcialo o invialo in più parti.',
  'This conversation is too long to be shared by a link.':
    'Questa conversazione è troppo lunga per essere condivisa con un link.',
  'The body may have at most {} bytes.': 'È troppo: il server accetta al massimo {1} byte alla volta.',
  '{} may have at most {}.': 'Un file di questo tipo può avere al massimo {2}.',
  'Your files may have {} in all, and this one does not fit any more. Delete conversations with files that you do not need.':
    'I tuoi file possono avere in tutto {1}, e questo non ci sta più. Elimina le conversazioni con file che non ti servono.',
  'The {} of this message have {} in all; at most {} can be sent to a model at once.':
    'I file di questo messaggio hanno in tutto {2}; a un modello se ne possono inviare al massimo {3} alla volta.',
  'The texts of this message have about {} tokens; the model {} reads at most {}. Send less of them, or choose another model.':
    'I testi di questo messaggio hanno circa {1} token; il modello {2} ne legge al massimo {3}. Inviane meno, o scegli un altro modello.',
  'This file is {}. Images (PNG, JPEG, GIF, WebP) and UTF-8 texts of any kind can be sent.':
    'Questo file non si può inviare. Vanno bene le immagini (PNG, JPEG, GIF, WebP) e ogni tipo di testo in UTF-8.',

  'is missing': 'Manca.',
  'must not be empty': 'Non può essere vuoto.',
  'must have at least {} characters': 'Servono almeno {1} caratteri.',
  'may have at most {} characters': 'Sono ammessi al massimo {1} caratteri.',
  'must have at most 1,000 characters': 'Sono ammessi al massimo 1000 caratteri.',
  'has {} characters; at most {} fit': 'Sono {1} caratteri; ne sono ammessi al massimo {2}.',
  'have {} characters; at most {} fit': 'Sono {1} caratteri; ne sono ammessi al massimo {2}.',
  'must have 2 to 50 characters': 'Servono da 2 a 50 caratteri.',
  'must be between {} and {}': 'Deve essere tra {1} e {2}.',
  'may hold letters, digits, dots, dashes, underscores and plus signs only':
    'Sono ammessi solo lettere, cifre, punti, trattini, trattini bassi e segni più.',
  'may not hold control characters': 'Contiene caratteri di controllo, che non sono ammessi.',
  'may not hold the character U+0000': 'Contiene il carattere U+0000, che non è ammesso.',
  'must be an e-mail address': 'Non è un indirizzo email.',
  'is not your password': 'Non è la tua password.',
  'is one that would be guessed soon. {}': 'Si indovina facilmente. Scegline una meno comune.',
  'is one that would be guessed soon': 'Si indovina facilmente. Scegline una meno comune.',
  '{} is not offered here; GET models lists what is': 'Questo server non offre il modello {1}.',
  'hold an image, and the model {} cannot see images. Choose another model, or take the image out':
    'C’è un’immagine, e il modello {1} non vede le immagini. Scegli un altro modello, o togli l’immagine.',
  'may name at most {} files': 'Sono ammessi al massimo {1} file.',
  'names a file twice': 'Lo stesso file c’è due volte.',
  'is empty': 'È vuoto.',
  'is an image that is damaged': 'L’immagine è danneggiata.',
  'is an image of {} × {} pixels, which is too many': 'L’immagine ha {1} × {2} pixel: sono troppi.',
  'name {} conversations; at most {} can be changed at once':
    'Sono {1} conversazioni; se ne possono cambiare al massimo {2} alla volta.',
}

/** What fields are called, where a sentence about one stands alone. */
const fields: Record<string, string> = {
  attachments: 'File allegati',
  comment: 'Commento',
  content: 'Nota',
  current_password: 'Password attuale',
  custom_instructions: 'Istruzioni personali',
  email: 'Email',
  expires_in_days: 'Durata in giorni',
  file: 'File',
  full_name: 'Nome completo',
  instructions: 'Istruzioni',
  message: 'Messaggio',
  model: 'Modello',
  name: 'Nome',
  new_password: 'Nuova password',
  password: 'Password',
  q: 'Ricerca',
  role: 'Ruolo',
  setup_code: 'Codice di configurazione',
  title: 'Titolo',
  username: 'Nome utente',
}

const escaped = (text: string) => text.replace(/[.*+?^$()|[\]\\]/g, '\\$&')

let patterns: [RegExp, string][] | undefined

/** Ours for a sentence of the server's, which may have got its full stop on the way. */
function sentence(theirs: string): string | undefined {
  patterns ??= Object.entries(bySentence).map(([text, ours]) => [
    new RegExp(`^${escaped(text.replace(/\.$/, '')).replaceAll('{}', '(.+?)')}\\.?$`, 's'),
    ours,
  ])
  for (const [pattern, ours] of patterns) {
    const found = pattern.exec(theirs)
    if (found) return ours.replace(/\{(\d)\}/g, (_, hole: string) => found[Number(hole)] ?? '')
  }
  return undefined
}

const ofField = (message: string) => sentence(message) ?? `Questo valore non va bene. Il server dice: «${message}»`

/** A sentence about a field that does not stand beside it. */
function alone({ pointer, message }: { pointer: string; message: string }): string {
  const name = fields[pointer.split('/').pop() ?? '']
  return name ? `${name}: ${message.charAt(0).toLowerCase()}${message.slice(1)}` : message
}

/** The same in Italian. What is not known keeps the server's words behind ours. */
export function explain(refusal: Refusal): Refusal {
  const { code = '', status, detail = '', errors = [] } = refusal
  const told = errors.map((error) => ({ ...error, message: ofField(error.message) }))
  const general = detail
    ? `Il server ha rifiutato la richiesta: «${detail}»`
    : status && `Il server ha risposto con un errore (HTTP ${status}).`
  const said = told.length > 0 ? told.map(alone).join(' ') : (sentence(detail) ?? byCode[code] ?? general)
  return { ...refusal, detail: said || '', errors: told }
}
