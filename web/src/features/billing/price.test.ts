import { expect, test } from 'vitest'
import { money } from './price'

const plain = (text: string) => text.replace(/\s/g, ' ')

test('an amount has the decimals of its currency, and none where there are none', () => {
  expect(plain(money({ amount: 30_000, currency: 'TND', exponent: 3, text: '30' }))).toBe('TND 30')
  expect(plain(money({ amount: 29_900, currency: 'TND', exponent: 3, text: '29.9' }))).toBe('TND 29.900')
  expect(money({ amount: 2_990, currency: 'EUR', exponent: 2, text: '29.9' })).toBe('€29.90')
  expect(money({ amount: 0, currency: 'USD', exponent: 2, text: '0' })).toBe('$0')
})
