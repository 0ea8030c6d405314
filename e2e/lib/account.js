// An account that a program asks in the name of.

import assert from 'node:assert/strict'

export const PASSWORD = 'correct horse battery'

/** Makes an account and gives its access token. */
export async function signUp(url, username = 'ada') {
  const made = await posted(`${url}/api/v1/auth/register`, { username, email: `${username}@example.org`, password: PASSWORD })
  return made.access_token
}

/** Makes an account and a key of it, which is good for what is served under `/v1`. */
export async function keyOf(url) {
  const token = await signUp(url)
  return (await posted(`${url}/api/v1/api-keys`, { name: 'SDK', current_password: PASSWORD }, token)).key
}

async function posted(address, body, token) {
  const answer = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  })
  assert.equal(answer.status, 201)
  return answer.json()
}
