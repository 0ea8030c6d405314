import { act, render, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import '../../locales/person-words'
import { QueryClientProvider } from '@tanstack/react-query'
import { queryClient } from '../../lib/query-client'
import { me } from '../accounts/queries'
import type { User } from '../accounts/types'
import { showPresent } from './present'
import { TypingLine } from './typing-line'

const of = (id: number, full_name: string, typing: boolean) => ({ id, username: `p${id}`, full_name, typing })

afterEach(() => queryClient.clear())

test('others who type are named, one by one or by how many they are; oneself is not', () => {
  queryClient.setQueryData(me.queryKey, { id: 1, username: 'p1', full_name: null } as User)
  render(
    <QueryClientProvider client={queryClient}>
      <TypingLine conversation={7} />
    </QueryClientProvider>,
  )
  const tell = (...users: ReturnType<typeof of>[]) => act(() => showPresent(7, users))
  tell(of(1, 'Me', true), of(2, 'Ada', true), of(3, 'Bob', false))
  expect(screen.getByText('Ada is typing…')).toBeTruthy()
  tell(of(2, 'Ada', true), of(3, 'Bob', true))
  expect(screen.getByText('2 people are typing…')).toBeTruthy()
  tell(of(1, 'Me', true), of(2, 'Ada', false))
  expect(screen.queryByText(/typing/)).toBeNull()
})
