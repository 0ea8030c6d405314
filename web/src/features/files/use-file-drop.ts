import { useEffect, useState } from 'react'

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false

/** Takes files that are dropped anywhere on the page. Says whether some are being dragged over it. */
export function useFileDrop(onDrop: (files: File[]) => void): boolean {
  const [over, setOver] = useState(false)
  useEffect(() => {
    // Moving from one element into another enters the new one before it leaves the old one.
    let depth = 0
    const follow = (event: DragEvent) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      if (event.type === 'dragenter') depth += 1
      if (event.type === 'dragleave') depth -= 1
      if (event.type === 'drop') {
        depth = 0
        onDrop([...(event.dataTransfer?.files ?? [])])
      }
      setOver(depth > 0)
    }
    const kinds = ['dragenter', 'dragover', 'dragleave', 'drop'] as const
    for (const kind of kinds) addEventListener(kind, follow)
    return () => {
      for (const kind of kinds) removeEventListener(kind, follow)
    }
  }, [onDrop])
  return over
}
