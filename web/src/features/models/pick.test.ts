import { afterEach, expect, test, vi } from 'vitest'
import { offerPicker, pickedModel, pickModel } from './pick'

let takeAway = () => {}
afterEach(() => takeAway())

test('the page that is open gets the model that is picked', () => {
  const pick = vi.fn()
  takeAway = offerPicker({ value: 'small', pick })
  expect(pickedModel()).toBe('small')
  expect(pickModel('large')).toBe(true)
  expect(pick).toHaveBeenCalledExactlyOnceWith('large')
})

test('without such a page the next one gets it, once', async () => {
  expect(pickedModel()).toBeNull()
  expect(pickModel('large')).toBe(false)
  const pick = vi.fn()
  offerPicker({ value: 'small', pick })()
  await Promise.resolve()
  expect(pick).toHaveBeenCalledExactlyOnceWith('large')
  takeAway = offerPicker({ value: 'large', pick })
  await Promise.resolve()
  expect(pick).toHaveBeenCalledOnce()
})

test('a picker that goes does not take the one that came after it', () => {
  const goes = offerPicker({ value: 'old', pick: vi.fn() })
  takeAway = offerPicker({ value: 'new', pick: vi.fn() })
  goes()
  expect(pickedModel()).toBe('new')
})
