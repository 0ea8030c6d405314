import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { usePreferences } from '../../lib/preferences'
import { queryClient } from '../../lib/query-client'
import { useNotices } from '../../lib/toast'
import { heldConversation } from '../conversations/queries'
import { talk } from '../conversations/test-talk'
import { chooseModel, useChoices, withChoice } from './model-choice'

let told: string[] = []
let answer: (model: string) => Promise<Response>

beforeEach(() => {
  told = []
  answer = (model) => Promise.resolve(new Response(JSON.stringify(talk({ model }))))
  vi.stubGlobal('fetch', async (request: Request) => {
    const { model } = await request.json()
    told.push(model)
    return answer(model)
  })
  queryClient.clear()
  queryClient.setQueryData(['conversation', 1], talk({ model: 'sonata' }))
  useChoices.setState({}, true)
  useNotices.setState({ waiting: [] })
  usePreferences.setState({ model: 'sonata' })
})

afterEach(() => vi.unstubAllGlobals())

const no = () => Promise.resolve(new Response(JSON.stringify({ detail: 'No' }), { status: 403 }))

test('a choice goes with what is sent until the server has it', async () => {
  const choosing = chooseModel(1, 'opera')
  expect(withChoice(1)).toEqual({ model: 'opera' })
  expect(withChoice(2)).toEqual({})
  await choosing
  expect(withChoice(1)).toEqual({})
  expect(heldConversation(1)?.model).toBe('opera')
})

test('a choice that is refused is taken back with a word', async () => {
  answer = no
  await chooseModel(1, 'opera')
  expect(withChoice(1)).toEqual({})
  expect(heldConversation(1)?.model).toBe('sonata')
  expect(usePreferences.getState().model).toBe('sonata')
  expect(useNotices.getState().waiting.map(({ text }) => text)).toEqual([
    'opera could not be chosen. The model is as before.',
  ])
})

test('of two choices the later one is told last, whatever has become of the first', async () => {
  let refuse: () => void = () => undefined
  const first = new Promise<void>((resolve) => (refuse = resolve)).then(no)
  answer = (model) => (model === 'opera' ? first : Promise.resolve(new Response(JSON.stringify(talk({ model })))))
  const choosing = chooseModel(1, 'opera')
  void chooseModel(1, 'cantata')
  expect(withChoice(1)).toEqual({ model: 'cantata' })
  refuse()
  await choosing
  expect(told).toEqual(['opera', 'cantata'])
  expect(heldConversation(1)?.model).toBe('cantata')
  expect(useNotices.getState().waiting).toEqual([])
})
