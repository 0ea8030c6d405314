/**
 * The addresses of the workers' scripts, in the form that the page's policy demands. Whatever the policy named here is
 * asked for, it gives one of these two.
 */
import news from './news-worker?sharedworker&url'

const scripts = { news, service: '/sw.js' }

type Policy = { createScriptURL: (input: string) => string }
type Factory = { createPolicy: (name: string, rules: Policy) => Policy }

let policy: Policy | undefined

const addressOf = (name: string) => (name === 'service' ? scripts.service : scripts.news)

export function workerScript(name: keyof typeof scripts): string {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes
  policy ??= factory?.createPolicy('colloquy-workers', { createScriptURL: addressOf })
  return policy ? policy.createScriptURL(name) : addressOf(name)
}
