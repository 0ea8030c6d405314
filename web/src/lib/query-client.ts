import { QueryClient } from '@tanstack/react-query'
import { Problem } from './problem'

/** What the server told us. One for the whole app: streams write into it as well as components. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 30 * 60_000,
      retry: (failures, error) => failures < 2 && !(error instanceof Problem && error.status < 500),
    },
  },
})
