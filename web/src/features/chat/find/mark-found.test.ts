import { expect, test } from 'vitest'
import { markedIn, rangesOf } from './mark-found'

test('every place of a word is found, whatever its capitals and marks around it', () => {
  const root = document.createElement('div')
  root.innerHTML = '<p>Goat, <b>goat</b>.</p><pre>(GOAT) scapegoat goats goat2</pre>'
  expect(rangesOf(root, ['goat']).map(String)).toEqual(['Goat', 'goat', 'GOAT'])
  expect(rangesOf(root, ['art']).map(String)).toEqual([])
  expect(rangesOf(root, ['', 'sheep'])).toEqual([])
})

test('letters that grow when they are made small do not move a place', () => {
  const root = document.createElement('div')
  root.textContent = 'İİİ goat'
  expect(rangesOf(root, ['goat']).map(String)).toEqual(['goat'])
})

test('signs without spaces between them are found inside of others', () => {
  const root = document.createElement('div')
  root.textContent = '这是日本語'
  expect(rangesOf(root, ['日本']).map(String)).toEqual(['日本'])
  expect(markedIn('<mark>日</mark><mark>本</mark>')).toEqual(['日本'])
})

test('what the server marked is looked for, each word once', () => {
  expect(markedIn('a <mark>Goat</mark>, <mark>goats</mark> and a <mark>Goat</mark>')).toEqual(['Goat', 'goats'])
})
