// The pages for those who move a client here: what they show to type really runs, and they name every endpoint.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { startPrograms } from '../lib/programs.js'

const pages = new URL('../../docs/moving/', import.meta.url)
const run = promisify(execFile)
let programs

before(async () => {
  // The built-in demo answers, as it does for somebody who tries.
  programs = await startPrograms({ provider: null })
})

after(() => programs?.stop())

for (const file of readdirSync(pages)) {
  const text = readFileSync(new URL(file, pages), 'utf8')

  test(`what ${file} shows to type runs`, async () => {
    const scripts = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, script]) => script)
    assert.ok(scripts.length > 0)
    const script = `set -euo pipefail\n${scripts.join('')}`
    const { stdout } = await run('bash', ['-c', script], { env: { ...process.env, BASE: programs.url } })
    // The words of the answer, which may come one by one.
    assert.match(stdout, /built-in[^]*language[^]*cannot[^]*think/)
  })

  // Their API is our own, of which that page names what those clients know.
  if (file === 'native-fastapi.md') continue
  test(`${file} names every endpoint`, async () => {
    const response = await fetch(`${programs.url}/openapi/${file.replace('.md', '.json')}`)
    assert.equal(response.status, 200)
    const { paths } = await response.json()
    for (const [path, item] of Object.entries(paths)) {
      for (const method of Object.keys(item)) assert.ok(text.includes(`\`${method.toUpperCase()} ${path}\``), `${method} ${path}`)
    }
  })
}
