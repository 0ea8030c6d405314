/** Opens the stream of what concerns the person; the cookie says who that is. */
export const openNews = (signal: AbortSignal) =>
  fetch('/api/v1/events', { headers: { Accept: 'text/event-stream' }, cache: 'no-store', signal })
