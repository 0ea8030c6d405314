import { http } from './http'

/** Downloads what the server sends as a file. A link cannot renew a session that has run out: that is done first. */
export async function download(path: string) {
  await http('/api/v1/auth/me').catch(() => undefined)
  const link = document.createElement('a')
  link.href = path
  link.download = ''
  link.click()
}

/** Downloads a text that is here already. */
export function saveText(name: string, type: string, text: string) {
  const address = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
