import { usePiece } from '../../lib/piece'
import { fileCode } from './pieces'
import type { FilePart } from './types'

type SentFilesProps = { files: FilePart[]; token?: string }

/** The files of a message that was sent; their room is kept until the code that shows them is there. */
export function SentFiles({ files, token }: SentFilesProps) {
  return files.length > 0 ? <Files files={files} token={token} /> : null
}

function Files({ files, token }: SentFilesProps) {
  const code = usePiece(fileCode)
  if (code) return <code.MessageFiles files={files} token={token} />
  const hasImages = files.some(({ kind }) => kind === 'image')
  const hasTexts = files.some(({ kind }) => kind !== 'image')
  return (
    <div aria-busy="true">
      {hasImages ? <div className="mb-2 h-40" /> : null}
      {hasTexts ? <div className="mb-2 h-12" /> : null}
    </div>
  )
}
