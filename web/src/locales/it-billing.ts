import type { Words } from './en'
import type { enBilling } from './en-billing'

/** The Italian of `en-billing.ts`. */
export const itBilling: Words<typeof enBilling> = {
  'plans.title': 'Piani',
  'plans.mine': 'Il tuo piano',
  'plans.free': 'Gratis',
  'plans.period': { one: 'per {count} giorno', other: 'per {count} giorni' },
  'plans.messages': { one: '{count} messaggio al mese', other: '{count} messaggi al mese' },
  'plans.unlimited': 'Tutti i messaggi che vuoi',
  'plans.until': 'Pagato fino al {when}',
  'plans.buy': 'Paga {price}',
  'plans.renew': 'Rinnova per {price}',
  'plans.manage': 'Piano e pagamenti',
  'plans.note':
    'Paghi una volta sola e nulla si rinnova da sé. Rinnovato prima della fine, un piano prosegue da lì. Un altro piano comincia subito, e ciò che resta del tuo conta secondo il suo prezzo.',
  'plans.closed': 'Al momento su questo server non si può comprare nulla.',
  'billing.title': 'Pagamento',
  'billing.back': 'Al tuo piano',
  'billing.waiting.title': 'In attesa del pagamento',
  'billing.waiting.text':
    '{plan}, {price}. Appena il pagamento è confermato lo vedi qui; puoi anche lasciare questa pagina.',
  'billing.paid.title': 'Pagato, grazie',
  'billing.paid.text': '{plan} è attivo. Hai pagato {price}.',
  'billing.declined.title': 'Il pagamento non è riuscito',
  'billing.declined.text':
    '{plan}, {price}: per quanto ne sappiamo non è stato addebitato nulla. Prova un’altra carta. Se invece hai pagato, lo vedi qui da sé.',
  'billing.expired.title': 'Il tempo per pagare è finito',
  'billing.expired.text':
    '{plan}, {price}: non è stato pagato in tempo. Se invece hai pagato, il pagamento vale appena arriva.',
  'billing.unknown.title': 'Questo pagamento non esiste',
  'billing.unknown.text': 'L’indirizzo non è completo, oppure il pagamento è di un altro account.',
  'billing.again': 'Torna ai piani',
  'billing.none': 'Non hai comprato nessun piano.',
  'billing.over': 'Quello che avevi comprato è finito il {when}.',
  'billing.active': 'Pagato fino al {when}. Nulla si rinnova da sé.',
  'billing.canceled': 'Disdetto. Vale fino al {when}.',
  'billing.plans': 'Vedi i piani',
  'billing.cancel': 'Disdici il piano',
  'billing.cancelTitle': 'Disdire {plan}?',
  'billing.cancelText': 'Resta valido fino al {when}. Fino ad allora puoi ripensarci.',
  'billing.resume': 'Tieni il piano',
  'billing.resumed': 'Il tuo piano continua.',
  'billing.invoices': 'Pagamenti',
  'billing.invoicesEmpty': 'Non hai ancora pagato nulla.',
  'billing.invoice': '{plan}, {days} giorni',
}
