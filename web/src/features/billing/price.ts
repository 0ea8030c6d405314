import { currentLanguage } from '../../lib/i18n'
import type { Price } from './types'

/** "TND 30", "€29.90": decimals only where there are some. */
export function money({ amount, currency, exponent }: Price): string {
  const one = 10 ** exponent
  return new Intl.NumberFormat(currentLanguage(), {
    style: 'currency',
    currency,
    minimumFractionDigits: amount % one === 0 ? 0 : exponent,
    maximumFractionDigits: exponent,
  }).format(amount / one)
}
