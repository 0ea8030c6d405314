import { afterEach, expect, test } from 'vitest'
import { setGo } from '../../lib/go'
import { queryClient } from '../../lib/query-client'
import { goBy } from './neighbours'
import { conversations } from './queries'
import { talk } from './test-talk'

const gone: string[] = []
setGo((path) => gone.push(path))

afterEach(() => {
  gone.length = 0
  document.body.innerHTML = ''
  history.replaceState(null, '', '/')
  queryClient.clear()
})

test('the way leads along the sidebar and ends with it', () => {
  document.body.innerHTML = '<nav><a href="/c/3">c</a><a href="/c/1">a</a><a href="/settings">s</a></nav>'
  goBy(1)
  history.replaceState(null, '', '/c/3')
  goBy(1)
  goBy(-1)
  expect(gone).toEqual(['/c/3', '/c/1'])
})

test('without a sidebar it leads along what was said lately', () => {
  const items = [talk({ id: 5 }), talk({ id: 4 })]
  queryClient.setQueryData(conversations.queryKey, { pages: [{ items, next: null }], pageParams: [null] })
  history.replaceState(null, '', '/c/4')
  goBy(-1)
  expect(gone).toEqual(['/c/5'])
})
