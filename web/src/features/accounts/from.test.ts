import { expect, test } from 'vitest'
import { pageAt } from './from'

test.each([
  ['/invite/abc', '/invite/abc'],
  ['/settings/data?a=b#trash', '/settings/data?a=b#trash'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['https://evil.example/', '/'],
  ['javascript:alert(1)', '/'],
  ['', '/'],
  [null, '/'],
  [undefined, '/'],
])('%j leads to %s', (address, page) => expect(pageAt(address)).toBe(page))
