import { afterEach, expect, test, vi } from 'vitest'
import { queryClient } from '../../lib/query-client'
import { countBelow } from './delete-message'
import { showMessages } from './queries'
import { message } from './test-message'

afterEach(() => {
  queryClient.clear()
  vi.unstubAllGlobals()
})

const said = (id: number, parent_id: number | null, sibling_ids = [id]) =>
  message({ id, parent_id, sibling_ids, state: 'completed' })

test('what is in sight is counted without a question to the server', async () => {
  const asked = vi.fn()
  vi.stubGlobal('fetch', asked)
  // Other versions of the message itself stay.
  const [first, second, third] = [said(1, null, [1, 9]), said(2, 1), said(3, 2)]
  showMessages(1, [first, second, third], null)
  expect(await countBelow(second)).toBe(2)
  expect(await countBelow(first)).toBe(3)
  expect(asked).not.toHaveBeenCalled()
})

test('what follows in other versions is counted too, page by page', async () => {
  const [first, second] = [said(1, null), said(2, 1, [2, 4])]
  showMessages(1, [first, second], null)
  const pages = [
    [said(1, null), said(2, 1), said(4, 1)],
    [said(5, 4), said(6, null), said(7, 6)],
  ]
  vi.stubGlobal('fetch', async () => {
    const page = pages.shift()
    const Link = pages.length > 0 ? '</api?cursor=next>; rel="next"' : ''
    return new Response(JSON.stringify(page), { headers: { 'Content-Type': 'application/json', Link } })
  })
  expect(await countBelow(first)).toBe(4)
  expect(pages).toEqual([])
})
