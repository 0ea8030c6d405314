import { afterEach, expect, test } from 'vitest'
import { dayGroup, exactTime, relativeTime } from './format'
import { showLanguage, translate } from './i18n'

afterEach(() => showLanguage('en'))

const now = new Date(2026, 10, 22, 9, 30)
const at = (...parts: [number, number, number, number?]) => new Date(...parts).toISOString()

test('a list is divided into days, a week and months, in the words of the language', async () => {
  const times = [at(2026, 10, 22, 0), at(2026, 10, 21, 23), at(2026, 10, 16), at(2026, 9, 3), at(2025, 2, 1)]
  expect(times.map((time) => dayGroup(time, now))).toEqual([
    'Today',
    'Yesterday',
    'Previous 7 days',
    'October',
    'March 2025',
  ])
  await showLanguage('it')
  expect(times.map((time) => dayGroup(time, now))).toEqual(['Oggi', 'Ieri', 'Ultimi 7 giorni', 'Ottobre', 'Marzo 2025'])
})

test('times are told as one tells them', async () => {
  const before = (seconds: number) =>
    relativeTime(new Date(now.getTime() - seconds * 1000).toISOString(), now.getTime())
  expect([0, 60, 7_200, 86_400, 90 * 86_400].map(before)).toEqual([
    'now',
    '1 minute ago',
    '2 hours ago',
    'yesterday',
    '3 months ago',
  ])
  await showLanguage('it')
  expect([60, 7_200, 86_400].map(before)).toEqual(['1 minuto fa', '2 ore fa', 'ieri'])
  expect(exactTime(now.toISOString())).toMatch(/22 nov 2026/)
})

test('one and several have their own words in both languages, none counts as several', async () => {
  const say = (count: number) => translate('chat.reasonedFor', { count })
  expect([0, 1, 2].map(say)).toEqual(['Thought for 0 seconds', 'Thought for 1 second', 'Thought for 2 seconds'])
  await showLanguage('it')
  const [none, one, two] = [0, 1, 2].map(say)
  expect(one).toContain('1 secondo')
  expect(none).toContain('0 secondi')
  expect(two).toContain('2 secondi')
})
