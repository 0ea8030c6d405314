/** What the script in index.html has asked the server before the app was there. */
declare global {
  var colloquyMe: Promise<Response | undefined> | undefined
}

/** Who is signed in, as it was asked with the page; once. */
export async function earlyMe(): Promise<unknown> {
  const asked = globalThis.colloquyMe
  globalThis.colloquyMe = undefined
  const response = await asked
  return response?.ok ? response.json().catch(() => undefined) : undefined
}
