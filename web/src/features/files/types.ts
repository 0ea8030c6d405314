import type { components } from '../../lib/schema'

/** A file that goes with a message, as a message says it. */
export type FilePart = Extract<components['schemas']['Part'], { type: 'file' }>

/** A file that was put to a message that is being written. */
export type DraftFile = {
  /** Names it in this browser, before the server has. */
  key: string
  name: string
  size: number
  kind: FilePart['kind']
  /** What the server made of it; null while it is on its way, and if it failed. */
  sent: FilePart | null
  /** Why it cannot be sent. */
  problem: string | null
  /** Whether trying again may help. */
  retryable: boolean
  /** It was text that was pasted, and can be text again. */
  pasted: boolean
}

export const isUploading = (file: DraftFile) => !file.sent && !file.problem

export const partsOf = (files: DraftFile[]): FilePart[] => files.flatMap(({ sent }) => sent ?? [])
