/** The files of messages that are being written: taken, sent to the server one by one, and given up. */
import { create } from 'zustand'
import { api, dataOf } from '../../lib/api'
import { http } from '../../lib/http'
import { translate } from '../../lib/i18n'
import { Problem } from '../../lib/problem'
import { queryClient } from '../../lib/query-client'
import { randomKey } from '../../lib/random-key'
import { notify } from '../../lib/toast'
import { instance } from '../accounts/queries'
import { changeDraft, draftOf, joined, type Place, placeOfFile } from '../chat/drafts'
import { contentOf } from './address'
import { sizeOf } from './size'
import type { DraftFile } from './types'
import { Unreachable, upload } from './upload'

type Held = { file: File; picture: string | null; abort: AbortController }

/** What this page holds of files itself; after a reload only the server has them. */
const held = new Map<string, Held>()

/** How far each file is on its way, from 0 to 1. */
export const useProgress = create<Record<string, number>>(() => ({}))

/** Where a picture of an image can be had at once. */
export const pictureOf = (file: DraftFile): string | null =>
  held.get(file.key)?.picture ?? (file.sent?.kind === 'image' ? contentOf(file.sent.id) : null)

/** Puts files to the message that is being written in a place, and sends them to the server. */
export async function addFiles(place: Place, files: File[], pasted = false) {
  const limits = (await queryClient.ensureQueryData(instance).catch(() => undefined))?.files
  const room = limits ? Math.max(0, limits.per_message - draftOf(place).files.length) : files.length
  if (files.length > room) notify(translate('file.tooMany', { count: limits?.per_message ?? 0 }), { kind: 'error' })
  for (const file of files.slice(0, room)) {
    const kind = /^image\/(png|jpeg|gif|webp)$/.test(file.type) ? 'image' : 'text'
    const most = kind === 'image' ? limits?.image_bytes : limits?.text_bytes
    const added: DraftFile = {
      key: randomKey(),
      name: file.name || translate('file.unnamed'),
      size: file.size,
      kind,
      sent: null,
      problem: most !== undefined && file.size > most ? tooLarge(kind, most) : null,
      retryable: false,
      pasted,
    }
    const picture = kind === 'image' && !added.problem ? URL.createObjectURL(file) : null
    held.set(added.key, { file, picture, abort: new AbortController() })
    changeDraft(place, { files: [...draftOf(place).files, added] }, true)
    if (!added.problem) void send(added.key)
  }
}

const tooLarge = (kind: DraftFile['kind'], most: number) =>
  translate(kind === 'image' ? 'file.imageTooLarge' : 'file.textTooLarge', { size: sizeOf(most) })

async function send(key: string) {
  const own = held.get(key)
  if (!own) return
  useProgress.setState({ [key]: 0 })
  try {
    const kept = await upload(own.file, (part) => useProgress.setState({ [key]: part }), own.abort.signal)
    const { id, name, kind, media_type, size, width, height } = kept
    change(key, { name, kind, size, sent: { type: 'file', id, name, kind, media_type, size, width, height } })
  } catch (error) {
    if (own.abort.signal.aborted) return
    const lasting = error instanceof Problem && error.status < 500 && ![401, 408, 429].includes(error.status)
    const problem =
      error instanceof Unreachable || !(error instanceof Error) ? translate('app.unreachable') : error.message
    change(key, { problem, retryable: !lasting })
  }
}

/** The message may have moved to another place meanwhile. */
function change(key: string, to: Partial<DraftFile>) {
  const place = placeOfFile(key)
  if (place === undefined) return
  const files = draftOf(place).files.map((file) => (file.key === key ? { ...file, ...to } : file))
  changeDraft(place, { files }, true)
}

export function retryFile(file: DraftFile) {
  change(file.key, { problem: null })
  void send(file.key)
}

/** Takes a file out of the message; the server forgets it too, if it was not sent before. */
export function removeFile(place: Place, file: DraftFile) {
  changeDraft(place, { files: draftOf(place).files.filter(({ key }) => key !== file.key) }, true)
  forget(file.key)
  if (file.sent)
    void dataOf(api.DELETE('/api/v1/files/{id}', { params: { path: { id: file.sent.id } } })).catch(() => {})
}

function forget(key: string) {
  const own = held.get(key)
  own?.abort.abort()
  if (own?.picture) URL.revokeObjectURL(own.picture)
  held.delete(key)
}

/** A pasted text that was made a file becomes text again. */
export async function asText(place: Place, file: DraftFile) {
  const own = held.get(file.key)
  const text = own ? await own.file.text() : file.sent ? await (await http(contentOf(file.sent.id))).text() : ''
  removeFile(place, file)
  changeDraft(place, { text: joined(draftOf(place).text, text) }, true)
}
