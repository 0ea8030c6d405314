/**
 * The address of the worker's script, in the form that the page's policy demands. The policy named here is the only one
 * that the server allows, and whatever it is asked for, it gives this one address.
 */
import address from './news-worker?sharedworker&url'

type Policy = { createScriptURL: (input: string) => string }
type Factory = { createPolicy: (name: string, rules: Policy) => Policy }

let policy: Policy | undefined

export function workerScript(): string {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes
  policy ??= factory?.createPolicy('colloquy-workers', { createScriptURL: () => address })
  return policy ? policy.createScriptURL('') : address
}
