import type { Plural } from './en'

/** What the pages about plans and payments say. */
export const enBilling = {
  'plans.title': 'Plans',
  'plans.mine': 'Your plan',
  'plans.free': 'Free',
  'plans.period': { one: 'for {count} day', other: 'for {count} days' },
  'plans.messages': { one: '{count} message a month', other: '{count} messages a month' },
  'plans.unlimited': 'As many messages as you like',
  'plans.until': 'Paid until {when}',
  'plans.buy': 'Pay {price}',
  'plans.renew': 'Renew for {price}',
  'plans.manage': 'Plan and payments',
  'plans.note':
    'You pay once, and nothing renews by itself. Renewed before its end, a plan goes on from there. Another plan begins at once, and what is left of yours counts by its price.',
  'plans.closed': 'Nothing can be bought on this server at the moment.',
  'billing.title': 'Payment',
  'billing.back': 'To your plan',
  'billing.waiting.title': 'Waiting for your payment',
  'billing.waiting.text':
    '{plan}, {price}. As soon as the payment is confirmed it shows here; you may also leave this page.',
  'billing.paid.title': 'Paid, thank you',
  'billing.paid.text': '{plan} is on. You paid {price}.',
  'billing.declined.title': 'The payment did not go through',
  'billing.declined.text':
    '{plan}, {price}: nothing was charged as far as we know. Try another card. If you paid after all, it shows here by itself.',
  'billing.expired.title': 'The time to pay is over',
  'billing.expired.text':
    '{plan}, {price} was not paid in time. If you paid after all, it is taken as soon as it arrives.',
  'billing.unknown.title': 'There is no such payment',
  'billing.unknown.text': 'The address is not complete, or the payment belongs to another account.',
  'billing.again': 'Back to the plans',
  'billing.none': 'You have not bought a plan.',
  'billing.over': 'What you bought ended on {when}.',
  'billing.active': 'Paid until {when}. Nothing renews by itself.',
  'billing.canceled': 'Cancelled. It is good until {when}.',
  'billing.plans': 'See the plans',
  'billing.cancel': 'Cancel plan',
  'billing.cancelTitle': 'Cancel {plan}?',
  'billing.cancelText': 'It stays good until {when}. You can take this back until then.',
  'billing.resume': 'Keep the plan',
  'billing.resumed': 'Your plan goes on.',
  'billing.invoices': 'Payments',
  'billing.invoicesEmpty': 'You have paid nothing yet.',
  'billing.invoice': '{plan}, {days} days',
} as const satisfies Record<string, string | Plural>
