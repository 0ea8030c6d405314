import { QueryClientProvider } from '@tanstack/react-query'
import { render, screen } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { queryClient } from '../../lib/query-client'
import { Providers } from './providers'
import { instance } from './queries'
import { wordsOf } from './returned-words'
import type { Instance } from './types'

afterEach(() => queryClient.clear())

const company = { id: 'company', name: 'Company', login_url: '/api/v1/auth/company/login' }

function open(told: Partial<Instance>) {
  queryClient.setQueryData(instance.queryKey, { setup_code_needed: false, ...told } as Instance)
  render(
    <QueryClientProvider client={queryClient}>
      <Providers from="/c/12?a=b&c" />
    </QueryClientProvider>,
  )
}

test('a button leads to the service, which leads back to the page', () => {
  open({ sign_in_providers: [company] })
  const link = screen.getByRole('link', { name: 'Continue with Company' })
  expect(link).toHaveAttribute('href', '/api/v1/auth/company/login?from=%2Fc%2F12%3Fa%3Db%26c')
})

test('there is nothing where there is no service, and before the first account', () => {
  open({ sign_in_providers: [] })
  open({ sign_in_providers: [company], setup_code_needed: true })
  expect(screen.queryByRole('link')).toBeNull()
  expect(screen.queryByText('or')).toBeNull()
})

test('a problem that nobody has words for has some all the same', () => {
  expect(wordsOf('sign_in_ended')).toBe('returned.ended')
  for (const strange of ['', '<script>', 'constructor']) expect(wordsOf(strange)).toBe('returned.other')
})
