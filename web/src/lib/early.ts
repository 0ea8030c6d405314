/** What the script in index.html has asked the server before the app was there, by address. */
declare global {
  var colloquyEarly: Record<string, Promise<Response | undefined>> | undefined
}

/** The answer to what was asked with the page, once; undefined if it was not asked or did not come. */
export function takeEarly(address: string): Promise<Response | undefined> | undefined {
  const asked = globalThis.colloquyEarly?.[address]
  delete globalThis.colloquyEarly?.[address]
  return asked
}

/** Somebody else comes or goes: what was asked was for who was here before. */
export function forgetEarly() {
  globalThis.colloquyEarly = undefined
}
