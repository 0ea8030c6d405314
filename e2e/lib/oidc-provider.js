// A service whose accounts sign in elsewhere: a real OpenID Connect provider on a port of this machine. It demands PKCE, and
// tells e-mail addresses by its userinfo endpoint alone.

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

/** Where people say who they are. */
const ASK = '/ask/'
const CLIENT = { id: 'colloquy', secret: randomBytes(16).toString('hex') }

/** Who has an account there, by the name that signs in there. */
export const accounts = {
  ada: { email: 'ada@example.org', email_verified: true, name: 'Ada Lovelace', preferred_username: 'countess' },
  bob: { email: 'bob@example.org', email_verified: true, name: 'Bob' },
  eve: { email: 'eve@example.org', email_verified: false, name: 'Eve' },
}

/**
 * Listens. `settings` are what a server needs to know of it; `open` lets people in that come from `url`; `stop` ends it. It is
 * another site than the server, which has the name of its address.
 */
export async function startOidcProvider() {
  let serve = (_, response) => response.writeHead(503).end()
  const server = createServer((request, response) => serve(request, response))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://localhost:${server.address().port}`
  return {
    issuer,
    settings: {
      COLLOQUY__AUTH__OIDC__LOCAL__NAME: 'Local',
      COLLOQUY__AUTH__OIDC__LOCAL__ISSUER: issuer,
      COLLOQUY__AUTH__OIDC__LOCAL__CLIENT_ID: CLIENT.id,
      COLLOQUY__AUTH__OIDC__LOCAL__CLIENT_SECRET: CLIENT.secret,
    },
    open(url) {
      const provider = new Provider(issuer, configuration(`${url}/api/v1/auth/local/callback`))
      const callback = provider.callback()
      serve = (request, response) =>
        request.url.startsWith(ASK) ? ask(provider, request, response) : callback(request, response)
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function configuration(redirect) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(8).toString('hex'), use: 'sig', alg: 'RS256' }
  return {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirect] }],
    jwks: { keys: [key] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    pkce: { required: () => true },
    claims: { email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => ASK + uid },
    findAccount: (_, id) => accounts[id] && { accountId: id, claims: () => ({ sub: id, ...accounts[id] }) },
    loadExistingGrant: grantAll,
  }
}

/** Everybody is who they say. */
async function ask(provider, request, response) {
  if (request.method === 'POST') {
    const sent = new URLSearchParams(Buffer.concat(await request.toArray()).toString())
    return provider.interactionFinished(request, response, { login: { accountId: sent.get('login') } })
  }
  response.setHeader('content-type', 'text/html')
  response.end('<!doctype html><title>Who are you?</title><form method=post><input name=login><button>Go on</button>')
}

/** Nobody is asked whether the server may know who they are. */
async function grantAll({ oidc }) {
  const known = oidc.session.grantIdFor(oidc.client.clientId)
  if (known) return oidc.provider.Grant.find(known)
  const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId })
  grant.addOIDCScope('openid email profile')
  await grant.save()
  return grant
}
