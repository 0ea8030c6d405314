/**
 * The address of a script of our own, in the form that the page's policy demands of workers. The policy named here is
 * the only one that the server allows, and lets nothing through but what the build has put beside this file.
 */
type Policy = { createScriptURL: (address: string) => string }
type Factory = { createPolicy: (name: string, rules: Policy) => Policy }

let policy: Policy | undefined

export function scriptAddress(address: string): string {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes
  policy ??= factory?.createPolicy('colloquy-workers', { createScriptURL: ownScript })
  return policy ? policy.createScriptURL(address) : ownScript(address)
}

function ownScript(address: string): string {
  const { origin, href } = new URL(address, location.origin)
  if (origin !== location.origin) throw new TypeError(`not a script of ours: ${href}`)
  return href
}
